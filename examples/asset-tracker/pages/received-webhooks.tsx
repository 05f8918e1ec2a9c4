// The webhooks that the product has sent to itself: what another application would get.
import { Router } from 'express';
import { memberKey } from '../mapping.js';
import { panelPath } from '../provisioning.js';
import type { Services } from '../services.js';
import { frameOf } from './frame.js';
import { Empty, Name, Page, sendPage, shortName, When } from './page.js';

export const receivedWebhooksPath = '/settings/received-webhooks';

export function receivedWebhooks({ database }: Services): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const frame = await frameOf(req, res, database, 'Received webhooks');
    const webhooks = await database.db
      .selectFrom('received_webhooks')
      .selectAll()
      .orderBy('received_at', 'desc')
      .orderBy('id')
      .limit(50)
      .execute();
    sendPage(
      res,
      <Page {...frame}>
        <h1>Received webhooks</h1>
        <p class="hint">
          What another application gets when a member or a team changes: a signed webhook with the names of the changed
          attributes, and without their values. This page receives them in place of such an application.{' '}
          <a href={`${panelPath}/webhooks`}>Deliveries</a>
        </p>
        <div class="card table" tabIndex={0} role="region" aria-label="Received webhooks">
          {webhooks.length === 0 ? (
            <div class="calm">
              <Empty>No webhooks yet.</Empty>
            </div>
          ) : (
            <table>
              <thead>
                <tr>
                  <th scope="col">Event</th>
                  <th scope="col">About</th>
                  <th scope="col">Changed</th>
                  <th scope="col">Received</th>
                </tr>
              </thead>
              <tbody>
                {webhooks.map(({ id, type, subject, changed, received_at }) => (
                  <tr id={id}>
                    <td>{type}</td>
                    <td data-label="About">
                      <Subject id={subject} isDeleted={type === 'user.deleted'} />
                    </td>
                    <td data-label="Changed">
                      <Name>{changed === '' ? '–' : changed.split(', ').map(shortName).join(', ')}</Name>
                    </td>
                    <td data-label="Received" class="when">
                      <When at={received_at} exact />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </Page>,
    );
  });
  return router;
}

function Subject({ id, isDeleted }: { readonly id: string; readonly isDeleted: boolean }) {
  const member = memberKey(id);
  return member === undefined || isDeleted ? <Name>{id}</Name> : <a href={`/members/${String(member)}`}>{id}</a>;
}
