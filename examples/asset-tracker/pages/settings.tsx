// Settings of the company, and the add-ons.
import { Router } from 'express';
import { countActive } from '../users.js';
import { panelPath } from '../provisioning.js';
import type { Services } from '../services.js';
import { frameOf } from './frame.js';
import { Icon } from './icons.js';
import { Badge, Page, sendPage } from './page.js';
import { receivedWebhooksPath } from './received-webhooks.js';

export function settings({ database, configuration, provisioning }: Services): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const frame = await frameOf(req, res, database, 'Settings');
    const [seats, enabled] = [await countActive(database.db), await provisioning.isEnabled()];
    sendPage(
      res,
      <Page {...frame}>
        <h1>Settings</h1>
        <section class="card">
          <h2>Company</h2>
          <dl class="facts">
            <div>
              <dt>Seats</dt>
              <dd>
                {seats} of {configuration.seats} taken
              </dd>
            </div>
            <div>
              <dt>Verified domains</dt>
              <dd>{configuration.verifiedDomains.join(', ')}</dd>
            </div>
            <div>
              <dt>Database</dt>
              <dd>{database.dialect === 'postgres' ? 'PostgreSQL' : 'SQLite'}</dd>
            </div>
          </dl>
        </section>
        <h2>Add-ons</h2>
        <a class="card add-on" href={panelPath}>
          <span class="grow">
            <strong>User provisioning via SCIM</strong>
            <small>Your identity provider creates, updates and deactivates members and teams.</small>
          </span>
          {enabled ? <Badge tone="good">Enabled</Badge> : <Badge>Disabled</Badge>}
          <Icon name="arrow" />
        </a>
        <a class="card add-on" href={receivedWebhooksPath}>
          <span class="grow">
            <strong>Received webhooks</strong>
            <small>What another application is told about members and teams.</small>
          </span>
          <Icon name="arrow" />
        </a>
      </Page>,
    );
  });
  return router;
}
