import {
  astFromValue,
  BREAK,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  valueFromASTUntyped,
  visit,
  type DocumentNode,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

const judged = new WeakMap<DocumentNode, boolean>();

/**
 * Whether a document may be compiled by graphql-jit 0.8. Kept away from it, and executed by graphql-js, are:
 * - documents with texts: it writes them into the source of a function and replaces marks in them, so that a text with such a
 *   mark, sent twice, would run as code
 * - documents with lists or objects written out: a variable inside them that is not given becomes null instead of its default
 * - documents with several operations: Mercurius keeps one compiled operation per document, and would run it for another's name
 * Clients that send data as variables lose nothing.
 */
export function mayBeCompiled(document: DocumentNode): boolean {
  let verdict = judged.get(document);
  if (verdict === undefined) {
    verdict = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length === 1;
    const refuse = (): typeof BREAK => {
      verdict = false;
      return BREAK;
    };
    visit(document, { StringValue: refuse, ListValue: refuse, ObjectValue: refuse });
    judged.set(document, verdict);
  }
  return verdict;
}

/**
 * The variables with the defaults of required fields and variables written in: graphql-jit calls those missing, though GraphQL
 * lets them be left out. Gives back the same object where there is nothing to add.
 */
export function withRequiredDefaults(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables | null | undefined,
): Variables | null | undefined {
  const operation: OperationDefinitionNode | null | undefined = getOperationAST(document);
  let filled = variables;
  for (const { variable, type: typeNode, defaultValue } of operation?.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!type || !isInputType(type)) continue;
    const given = filled && Object.hasOwn(filled, name) ? filled[name] : undefined;
    const value = given === undefined && defaultValue ? valueFromASTUntyped(defaultValue) : withDefaults(given, type);
    if (value !== given) filled = { ...filled, [name]: value };
  }
  return filled;
}

function withDefaults(value: unknown, type: GraphQLInputType): unknown {
  if (value === null || value === undefined) return value;
  if (isNonNullType(type)) return withDefaults(value, type.ofType);
  if (isListType(type)) {
    if (!Array.isArray(value)) return withDefaults(value, type.ofType);
    if (!mayLack(type)) return value;
    const items: unknown[] = value.map((item: unknown) => withDefaults(item, type.ofType));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isInputObjectType(type) || typeof value !== 'object') return value;
  let filled = value as Variables;
  for (const { name, fieldType, defaultValue } of lackable(type)) {
    const given = Object.hasOwn(filled, name) ? filled[name] : undefined;
    const inner = given === undefined ? defaultValue : withDefaults(given, fieldType);
    if (inner !== given) filled = { ...filled, [name]: inner };
  }
  return filled;
}

/** A field that may need something written in: itself, where `defaultValue` is not undefined, or something below it. */
interface Lackable {
  readonly name: string;
  readonly fieldType: GraphQLInputType;
  readonly defaultValue: unknown;
}

const known = new WeakMap<GraphQLInputObjectType, readonly Lackable[]>();

function lackable(type: GraphQLInputObjectType): readonly Lackable[] {
  let fields = known.get(type);
  if (!fields) {
    known.set(type, []); // ends the circle of a type that contains itself
    fields = Object.values(type.getFields())
      .map((field) => ({ name: field.name, fieldType: field.type, defaultValue: requiredDefault(field) }))
      .filter(({ fieldType, defaultValue }) => defaultValue !== undefined || mayLack(fieldType));
    known.set(type, fields);
  }
  return fields;
}

function mayLack(type: GraphQLInputType): boolean {
  if (isNonNullType(type) || isListType(type)) return mayLack(type.ofType);
  return isInputObjectType(type) && lackable(type).length > 0;
}

/** The default of a required field as a client would have sent it (an enum's word, not its value inside). */
function requiredDefault({ type, defaultValue }: GraphQLInputField): unknown {
  if (!isNonNullType(type) || defaultValue === undefined) return undefined;
  const node = astFromValue(defaultValue, type);
  return node ? valueFromASTUntyped(node) : undefined;
}
