import type { JSX } from 'preact';
import { linkHours, type MadeSetupLink } from '../manage-setup-links.js';
import type { SetupLink } from '../setup-link-store.js';
import type { Visit } from '../visit.js';
import { Card, Form, Named, Time } from './frame.js';
import { ShownOnce } from './shown-once.js';

/** Creates and revokes set-up links, and shows what became of the newest. */
export function SetupLinksCard(props: { readonly visit: Visit; readonly links: readonly SetupLink[] }): JSX.Element {
  const { visit, links } = props;
  const manage = visit.administrator.may === 'manage';
  const revocable = links.some(({ revokedAt }) => revokedAt === undefined);
  return (
    <Card
      id="setup-links"
      title="Set-up link"
      about="Lets somebody without an account configure this connection, such as the administrator of the identity provider."
    >
      {manage ? (
        <Form visit={visit} action="/setup-links" class="field">
          <label for="link-hours">The link can be used for</label>
          <div class="joined">
            <select id="link-hours" name="hours">
              {linkHours.map((hours) => (
                <option key={hours} value={String(hours)} selected={hours === 72}>
                  {hours === 24 ? '24 hours' : `${String(hours / 24)} days`}
                </option>
              ))}
            </select>
            <button type="submit" class="button">
              Create link
            </button>
          </div>
        </Form>
      ) : null}
      {links.length === 0 ? null : (
        <ul class="plain">
          {links.map((link) => (
            <li key={link.id}>
              <p>
                <StateBadge link={link} now={visit.now} /> Created by <Named text={link.createdBy} />,{' '}
                <Time at={link.createdAt} />
              </p>
              <p class="soft">
                {link.usedAt === undefined ? 'Expires ' : 'Used '}
                <Time at={link.usedAt ?? link.expiresAt} />
              </p>
            </li>
          ))}
        </ul>
      )}
      {manage && revocable ? (
        <Form visit={visit} action="/setup-links/revoke">
          <button type="submit" class="button quiet-danger">
            Revoke all links
          </button>
        </Form>
      ) : null}
    </Card>
  );
}

function StateBadge({ link, now }: { readonly link: SetupLink; readonly now: Date }): JSX.Element {
  if (link.revokedAt !== undefined) return <span class="badge off">Revoked</span>;
  if (link.usedAt !== undefined) return <span class="badge off">Used</span>;
  return link.expiresAt > now ? <span class="badge good">Open</span> : <span class="badge off">Expired</span>;
}

/** Shows a new set-up link, this one time. */
export function ShownSetupLink({ visit, made }: { readonly visit: Visit; readonly made: MadeSetupLink }): JSX.Element {
  return (
    <ShownOnce
      visit={visit}
      id="new-link"
      title="Copy the set-up link now"
      about="It is shown only once and works once."
      warning="Anyone who has this link can create keys for this connection. Send it only to the administrator who needs it."
      secret={{ id: 'shown-link', field: 'Set-up link', label: 'the link', text: made.url }}
    >
      <div>
        <dt>Expires</dt>
        <dd>
          <Time at={made.expiresAt} />
        </dd>
      </div>
    </ShownOnce>
  );
}
