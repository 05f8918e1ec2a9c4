import type { JSX } from 'preact';
import type { MappingRow } from '../mapping-rows.js';
import { providerOf } from '../providers.js';
import { namesAttributes, sourceAttribute } from '../source-attributes.js';
import type { Visit } from '../visit.js';
import { providerName } from './key-forms.js';
import { Card, Empty } from './frame.js';

/** Which attributes the application stores, and what they are called on both sides. */
export function AttributeMapping({ visit }: { readonly visit: Visit }): JSX.Element {
  const rows = visit.options.mapping ?? [];
  const types = [...new Set(rows.map(typeOf))];
  return (
    <Card
      id="mapping"
      title="Attribute mapping"
      about={`The attributes that this application stores. In ${providerName(visit)}, map the ones that you need, and always keep userName, externalId and active. Others are ignored.`}
    >
      {rows.length === 0 ? (
        <Empty title="This application does not show its attribute mapping">
          Identity providers find the attributes that it stores at {visit.scimUrl}/Schemas.
        </Empty>
      ) : (
        types.map((type) => (
          <div key={type}>
            {types.length === 1 ? null : <h3>{type === 'User' || type === 'Group' ? `${type}s` : type}</h3>}
            <Table visit={visit} type={type} rows={rows.filter((row) => typeOf(row) === type)} />
          </div>
        ))
      )}
    </Card>
  );
}

function typeOf({ resourceType = 'User' }: MappingRow): string {
  return resourceType;
}

function Table(props: {
  readonly visit: Visit;
  readonly type: string;
  readonly rows: readonly MappingRow[];
}): JSX.Element {
  const { visit, type, rows } = props;
  const { provider } = visit.connection;
  const theirs = namesAttributes(provider) ? `In ${providerOf(provider).name}` : undefined;
  return (
    <div class="scroll stacked" tabIndex={0} role="region" aria-label={`Attributes of the type ${type}`}>
      <table class="mapping">
        <thead>
          <tr>
            {theirs === undefined ? null : <th scope="col">{theirs}</th>}
            <th scope="col">SCIM attribute</th>
            <th scope="col">In this application</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.attribute}>
              {theirs === undefined ? null : (
                <td data-label={theirs}>{sourceAttribute(provider, type, row.attribute) ?? 'your choice'}</td>
              )}
              <th scope="row">
                <code>{row.attribute}</code>
              </th>
              <td data-label="In this application">
                {row.target}
                {row.direction === 'read' ? <p class="soft">The identity provider only reads it.</p> : null}
                {row.note === undefined ? null : <p class="soft">{row.note}</p>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
