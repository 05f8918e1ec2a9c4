import type { JSX } from 'preact';
import type { MappingRow } from '../mapping-rows.js';
import { providerOf } from '../providers.js';
import type { Visit } from '../visit.js';
import { Card, Empty } from './frame.js';

/** What becomes of each attribute. */
export function Mapping({ visit }: { readonly visit: Visit }): JSX.Element {
  const rows = visit.options.mapping ?? [];
  const { provider } = visit.connection;
  const name = provider === 'other' ? 'the provider' : providerOf(provider).name;
  return (
    <Card
      id="mapping"
      title="Attribute mapping"
      about={`What becomes of each attribute here. Map these at ${name}, and leave out what is not in the table.`}
    >
      {rows.length === 0 ? (
        <Empty title="The application does not say how it maps attributes">
          It still announces what it keeps under {visit.scimUrl}/Schemas, where providers look it up.
        </Empty>
      ) : (
        <div class="scroll stacked" tabIndex={0} role="region" aria-label="Table of attributes">
          <table class="mapping">
            <thead>
              <tr>
                <th scope="col">SCIM attribute</th>
                <th scope="col">Becomes</th>
                <th scope="col">The provider may</th>
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
      <td data-label="Becomes">
        {row.target}
        {row.note === undefined ? null : <p class="soft">{row.note}</p>}
      </td>
      <td data-label="The provider may">{row.direction === 'read' ? 'see it' : 'change it'}</td>
    </tr>
  );
}
