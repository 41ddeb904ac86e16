import type { TableReference } from './statement.js';
import type { Refuse } from './statement.rules.js';
import { contentOf, isNode, namesOf, otherClause } from './syntax-tree.js';

/** The one table of a FROM item or an UPDATE. */
export function tableOf(item: unknown, refuse: Refuse): TableReference {
  const joins = isNode(item) ? item.joins : undefined;
  const table = contentOf(isNode(item) ? item.relation : undefined, 'Table');
  if (!isNode(table) || (Array.isArray(joins) && joins.length > 0)) {
    return refuse('it names more than one table', 'Change one table in each statement.');
  }
  const other = otherClause(table, ['name', 'alias', 'index_hints']);
  if (other !== undefined) refuse(`its table has the clause "${other}", which AT does not know`);
  const alias = isNode(table.alias) ? namesOf([table.alias.name]) : [];
  return referenceOf(table.name, alias?.[0], refuse);
}

export function referenceOf(names: unknown, alias: string | undefined, refuse: Refuse): TableReference {
  const parts = namesOf(names);
  const name = parts?.at(-1);
  if (parts === undefined || name === undefined || parts.length > 2) {
    return refuse('its table cannot be told for certain');
  }
  return { schema: parts.length === 2 ? parts[0] : undefined, name, alias };
}
