import {
  getOperationAST,
  isEqualType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isTypeSubTypeOf,
  Kind,
  typeFromAST,
  type DocumentNode,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableNode,
} from 'graphql';
import type { FieldFault } from '../errors.js';
import { argumentUses, type ArgumentUse } from './argument-uses.js';
import { FaultList } from './fault-list.js';
import { leafLiteralFault, leafValueFault } from './leaf-faults.js';
import { kindOf, kindOfNode, namesOf, quoted } from './wording.js';

type Variables = Readonly<Record<string, unknown>>;

interface DeclaredVariable {
  readonly type: GraphQLInputType;
  readonly defaultValue: ValueNode | undefined;
}

/** A place that takes a value: an argument or an input field. */
interface Place {
  readonly type: GraphQLInputType;
  readonly hasDefault: boolean;
}

/** Inputs of the schema are a few levels deep; only a type that contains itself gets as far as this. */
const deepestInput = 32;

const nullIsNoValue = 'Give a value: null is none.';
const missing = 'Give a value: it is required.';

/**
 * Everything that GraphQL itself would refuse in the arguments of an operation: what is missing or not defined, values of
 * another kind, words that an enum does not have, scalars of a wrong form; in literals and in variables alike, in one list.
 * A path begins with the name of the argument, whatever the variable is called. Empty means that GraphQL accepts the input.
 * What is wrong with the document otherwise (fields, fragments, undeclared variables) is left to GraphQL's own validation.
 */
export function inputFaults(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables | null | undefined,
): FieldFault[] {
  const operation = getOperationAST(document, operationName);
  return operation ? new InputCheck(schema, document, operation).faults(variables) : [];
}

/** The check of one operation, made once and asked with the variables of each request. */
export class InputCheck {
  private readonly uses: readonly ArgumentUse[];
  private readonly declared = new Map<string, DeclaredVariable>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    /** Whether an unknown name is answered with those it may have meant. */
    private readonly tellsNames = true,
  ) {
    this.uses = argumentUses(schema, document, operation);
    for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
      const type = typeFromAST(schema, typeNode);
      if (type && isInputType(type)) this.declared.set(variable.name.value, { type, defaultValue });
    }
  }

  /** As `inputFaults`, for the operation that this check was made for. */
  faults(variables: Variables | null | undefined): FieldFault[] {
    const found = new FaultList();
    const walk = new InputWalk(this.schema, this.declared, variables ?? {}, found, this.tellsNames);
    for (const use of this.uses) walk.arguments(use);
    return found.faults;
  }
}

/** One walk through the arguments of one request. */
class InputWalk {
  private readonly done = new Set<string>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly declared: ReadonlyMap<string, DeclaredVariable>,
    private readonly variables: Variables,
    private readonly found: FaultList,
    private readonly tellsNames: boolean,
  ) {}

  arguments({ defined, given }: ArgumentUse): void {
    for (const { name, value } of given) {
      const argument = defined.find((each) => each.name === name.value);
      this.found.under(name.value, () => {
        if (argument) this.node(value, placeOf(argument));
        else this.unknown('argument', name.value, defined);
      });
    }
    for (const argument of defined) {
      if (isRequired(placeOf(argument)) && !given.some(({ name }) => name.value === argument.name)) {
        this.found.under(argument.name, () => this.found.add('required', missing));
      }
    }
  }

  private unknown(what: string, typed: string, defined: readonly { readonly name: string }[]): void {
    const names = this.tellsNames ? defined.map(({ name }) => name) : [];
    this.found.add('unknown', `There is no ${what} ${quoted(typed)} here: ${namesOf(typed, names)}`);
  }

  /** A value of the document at a place: a literal, or a variable. */
  private node(node: ValueNode, place: Place): void {
    if (node.kind === Kind.VARIABLE) this.variable(node, place);
    else this.literal(node, place.type);
  }

  private variable({ name: { value: name } }: VariableNode, place: Place): void {
    const declared = this.declared.get(name);
    if (!declared) return;
    const fits = this.fits(declared, place);
    if (!fits)
      this.found.add(
        'type',
        `Declare the variable $${name} as ${place.type.toString()}, not ${declared.type.toString()}.`,
      );
    const { type, defaultValue } = declared;
    // Judged even where it is not needed: GraphQL refuses the document with it.
    if (defaultValue) this.literal(defaultValue, fits ? type : place.type);
    const needed = isNonNullType(place.type) || isNonNullType(type);
    const value = Object.hasOwn(this.variables, name) ? this.variables[name] : undefined;
    if (value === undefined) {
      if (defaultValue?.kind === Kind.NULL && needed) this.found.add('required', nullIsNoValue);
      else if (!defaultValue && (isNonNullType(type) || isRequired(place))) this.found.add('required', missing);
    } else if (value === null) {
      if (needed) this.found.add('required', nullIsNoValue);
    } else if (fits) {
      this.valueOnce(name, value, type);
    } else {
      this.value(value, place.type);
    }
  }

  /** One large variable may stand in a thousand places: what was found sound is not walked again, nor the same path twice. */
  private valueOnce(name: string, value: unknown, type: GraphQLInputType): void {
    const walked = `${name} ${this.found.here}`;
    if (this.done.has(name) || this.done.has(walked)) return;
    this.done.add(this.found.isHitBy(() => this.value(value, type)) ? walked : name);
  }

  /** GraphQL's rule of where a variable may stand (spec, "All Variable Usages Are Allowed"). */
  private fits({ type, defaultValue }: DeclaredVariable, place: Place): boolean {
    if (isEqualType(type, place.type)) return true;
    if (!isNonNullType(place.type) || isNonNullType(type)) return isTypeSubTypeOf(this.schema, type, place.type);
    const hasValueWithoutOne = place.hasDefault || (defaultValue !== undefined && defaultValue.kind !== Kind.NULL);
    return hasValueWithoutOne && isTypeSubTypeOf(this.schema, type, place.type.ofType);
  }

  private literal(node: ValueNode, type: GraphQLInputType): void {
    if (node.kind === Kind.NULL) {
      if (isNonNullType(type)) this.found.add('required', nullIsNoValue);
    } else if (isNonNullType(type)) {
      this.literal(node, type.ofType);
    } else if (isListType(type)) {
      const place = { type: type.ofType, hasDefault: false };
      // One value stands for a list of one, without an index in its path.
      if (node.kind !== Kind.LIST) this.node(node, place);
      else node.values.forEach((item, index) => this.found.under(index, () => this.node(item, place)));
    } else if (isInputObjectType(type)) {
      this.objectLiteral(node, type);
    } else {
      const fault = leafLiteralFault(node, type);
      if (fault) this.found.add(fault.rule, fault.message);
    }
  }

  private objectLiteral(node: ValueNode, type: GraphQLInputObjectType): void {
    if (this.isTooDeep()) return;
    if (node.kind !== Kind.OBJECT) {
      this.found.add('type', `Give an object with the fields of ${type.name}, not ${kindOfNode(node)}.`);
      return;
    }
    const { list, byName } = fieldsOf(type);
    const given = new Set<string>();
    for (const { name, value } of node.fields) {
      given.add(name.value);
      const field = byName.get(name.value);
      this.found.under(name.value, () => {
        if (field) this.node(value, placeOf(field));
        else this.unknown('field', name.value, list);
      });
    }
    for (const field of list) {
      if (!given.has(field.name) && isRequired(placeOf(field)))
        this.found.under(field.name, () => this.found.add('required', missing));
    }
  }

  /** A JSON value out of the variables. */
  private value(value: unknown, type: GraphQLInputType): void {
    if (value === null) {
      if (isNonNullType(type)) this.found.add('required', nullIsNoValue);
    } else if (isNonNullType(type)) {
      this.value(value, type.ofType);
    } else if (isListType(type)) {
      const { ofType } = type;
      if (!Array.isArray(value)) this.value(value, ofType);
      else value.forEach((item: unknown, index) => this.found.under(index, () => this.value(item, ofType)));
    } else if (isInputObjectType(type)) {
      this.objectValue(value, type);
    } else {
      const fault = leafValueFault(value, type);
      if (fault) this.found.add(fault.rule, fault.message);
    }
  }

  private objectValue(value: unknown, type: GraphQLInputObjectType): void {
    if (this.isTooDeep()) return;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.found.add('type', `Give an object with the fields of ${type.name}, not ${kindOf(value)}.`);
      return;
    }
    const { list, byName } = fieldsOf(type);
    const given = value as Readonly<Record<string, unknown>>;
    for (const field of list) {
      // Own keys alone: what the prototype has was not given.
      const inner = Object.hasOwn(given, field.name) ? given[field.name] : undefined;
      if (inner !== undefined) this.found.under(field.name, () => this.value(inner, field.type));
      else if (isRequired(placeOf(field))) this.found.under(field.name, () => this.found.add('required', missing));
    }
    for (const key of Object.keys(given)) {
      if (this.found.isFull) return;
      if (!byName.has(key)) this.found.under(shortKey(key), () => this.unknown('field', key, list));
    }
  }

  private isTooDeep(): boolean {
    if (this.found.depth <= deepestInput) return false;
    this.found.add('type', `Give at most ${deepestInput} levels of input.`);
    return true;
  }
}

interface InputFields {
  readonly list: readonly GraphQLInputField[];
  readonly byName: ReadonlyMap<string, GraphQLInputField>;
}

const knownFields = new WeakMap<GraphQLInputObjectType, InputFields>();

function fieldsOf(type: GraphQLInputObjectType): InputFields {
  let fields = knownFields.get(type);
  if (!fields) {
    const list = Object.values(type.getFields());
    fields = { list, byName: new Map(list.map((field) => [field.name, field])) };
    knownFields.set(type, fields);
  }
  return fields;
}

const placeOf = ({ type, defaultValue }: { type: GraphQLInputType; defaultValue?: unknown }): Place => ({
  type,
  hasDefault: defaultValue !== undefined,
});

const isRequired = ({ type, hasDefault }: Place): boolean => isNonNullType(type) && !hasDefault;

/** A key that the schema does not know may be as long as the body. */
const shortKey = (key: string): string => (key.length > 40 ? `${key.slice(0, 40)}…` : key).toWellFormed();
