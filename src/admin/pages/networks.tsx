import type { JSX } from 'preact';
import type { Visit } from '../visit.js';
import type { Entered } from '../route.js';
import { marked, Problem } from './form-problem.js';
import { Form, FormButtons } from './frame.js';

const shownNetworks = 5;

/** The first networks of a list, and how many more there are. */
export function networksLabel(networks: readonly string[] | undefined): string {
  if (networks === undefined) return 'Every address';
  if (networks.length === 0) return 'None';
  const others = networks.length - shownNetworks;
  const shown = networks.slice(0, shownNetworks).join(', ');
  return others > 0 ? `${shown} and ${String(others)} more` : shown;
}

/** A field for a list of networks. */
export function NetworksField(props: {
  readonly id: string;
  readonly networks: readonly string[] | undefined;
  readonly hint: string;
  readonly entered?: Entered | undefined;
}): JSX.Element {
  const { id, networks = [], hint, entered } = props;
  return (
    <div class="field">
      <label for={id}>Allowed networks (optional)</label>
      <textarea
        id={id}
        name="networks"
        rows={3}
        autocomplete="off"
        spellcheck={false}
        {...marked(entered, 'networks', id, `${id}-hint`)}
        value={entered?.fields.get('networks') ?? networks.join('\n')}
      />
      <Problem entered={entered} field="networks" id={id} />
      <p class="hint" id={`${id}-hint`}>
        Addresses or networks in CIDR notation, one on each line, such as 203.0.113.0/24. {hint}
      </p>
    </div>
  );
}

/** The networks of the connection, which all of its keys are bound to, with a form to change them. */
export function ConnectionNetworks(props: {
  readonly visit: Visit;
  readonly entered?: Entered | undefined;
}): JSX.Element {
  const { visit, entered } = props;
  const { networks } = visit.connection;
  return (
    <details class="more" id="networks" open={entered !== undefined}>
      <summary>Allowed networks of all keys: {networksLabel(networks)}</summary>
      {visit.administrator.may === 'manage' ? (
        <Form visit={visit} action="/networks" class="stack">
          <NetworksField
            id="connection-networks"
            networks={networks}
            entered={entered}
            hint="Requests from other addresses are refused, with any key. Leave it empty to allow every address."
          />
          <FormButtons visit={visit} inDialog={false} label="Save networks" />
        </Form>
      ) : null}
    </details>
  );
}
