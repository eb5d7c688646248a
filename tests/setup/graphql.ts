/** An error as a client of the GraphQL API sees it. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string } & Readonly<Record<string, unknown>>;
}

export interface GraphqlAnswer<Data> {
  /** Empty where the whole request was refused. */
  readonly data: Data;
  readonly errors: readonly GraphqlError[];
  /** Of HTTP. */
  readonly status: number;
}

/**
 * Sends one GraphQL request over HTTP, as any client would.
 * @param token an access token, for a request by somebody who signed in
 */
export async function graphql<Data = Readonly<Record<string, never>>>(
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  token?: string,
): Promise<GraphqlAnswer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as { readonly data?: Data | null; readonly errors?: readonly GraphqlError[] };
  return { data: body.data ?? ({} as Data), errors: body.errors ?? [], status: response.status };
}
