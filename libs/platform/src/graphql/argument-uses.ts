import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  typeFromAST,
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** One place of an operation where a field or directive takes arguments: what it defines, and what the document gives. */
export interface ArgumentUse {
  readonly defined: readonly GraphQLArgument[];
  readonly given: readonly ArgumentNode[];
}

/**
 * Every place of an operation, its fragments included, that takes or gives arguments. Fields, fragments and directives that the
 * schema does not know are left out: GraphQL's own validation names them.
 */
export function argumentUses(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ArgumentUse[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const uses: ArgumentUse[] = [];
  const add = (defined: readonly GraphQLArgument[], given: readonly ArgumentNode[] = []): void => {
    if (defined.length > 0 || given.length > 0) uses.push({ defined, given });
  };
  const addDirectives = (directives: readonly DirectiveNode[] = []): void => {
    for (const { name, arguments: given } of directives) {
      const directive = schema.getDirective(name.value);
      if (directive) add(directive.args, given);
    }
  };

  addDirectives(operation.directives);
  const waiting: { readonly set: SelectionSetNode; readonly parent: GraphQLNamedType | undefined }[] = [
    { set: operation.selectionSet, parent: schema.getRootType(operation.operation) ?? undefined },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { set, parent } = next;
    for (const selection of set.selections) {
      addDirectives(selection.directives);
      if (selection.kind === Kind.FIELD) {
        const field = parent && fieldOf(schema, parent, selection.name.value);
        if (!field) continue;
        add(field.args, selection.arguments);
        if (selection.selectionSet) waiting.push({ set: selection.selectionSet, parent: getNamedType(field.type) });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition;
        waiting.push({
          set: selection.selectionSet,
          parent: condition ? schema.getType(condition.name.value) : parent,
        });
      } else {
        const fragment = fragments.get(selection.name.value);
        // Once each: its arguments are the same wherever it is spread, and a circle of fragments ends.
        fragments.delete(selection.name.value);
        if (!fragment) continue;
        const condition = typeFromAST(schema, fragment.typeCondition);
        waiting.push({ set: fragment.selectionSet, parent: isCompositeType(condition) ? condition : undefined });
      }
    }
  }
  return uses;
}

function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLNamedType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}
