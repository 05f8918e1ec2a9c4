import type { JSX } from 'preact';
import type { MappingRow } from '../mapping-rows.js';
import { providerOf } from '../providers.js';
import type { Visit } from '../visit.js';
import { Card, Empty } from './frame.js';

/** Where the application stores each attribute. */
export function AttributeMapping({ visit }: { readonly visit: Visit }): JSX.Element {
  const rows = visit.options.mapping ?? [];
  const { provider } = visit.connection;
  const name = provider === 'other' ? 'the identity provider' : providerOf(provider).name;
  return (
    <Card
      id="mapping"
      title="Attribute mapping"
      about={`Where this application stores each attribute. In ${name}, map the ones that you need, and always keep userName, externalId and active.`}
    >
      {rows.length === 0 ? (
        <Empty title="This application does not show its attribute mapping">
          Identity providers find the attributes that it stores at {visit.scimUrl}/Schemas.
        </Empty>
      ) : (
        <div class="scroll stacked" tabIndex={0} role="region" aria-label="Table of attributes">
          <table class="mapping">
            <thead>
              <tr>
                <th scope="col">SCIM attribute</th>
                <th scope="col">Stored in</th>
                <th scope="col">Identity provider</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.attribute} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Row({ row }: { readonly row: MappingRow }): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <code>{row.attribute}</code>
      </th>
      <td data-label="Stored in">
        {row.target}
        {row.note === undefined ? null : <p class="soft">{row.note}</p>}
      </td>
      <td data-label="Identity provider">{row.direction === 'read' ? 'reads it' : 'changes it'}</td>
    </tr>
  );
}
