/**
 * The story of docs/story.md in Chromium, with the asset tracker: enable provisioning, create a key, simulate Microsoft Entra
 * ID with it, see users and roles arrive, give a group a role, see webhooks arrive, see the assets of a user who leaves, rotate
 * and revoke the key, allow networks, disable provisioning, let somebody without an account enable it again with a set-up link,
 * and end the connection.
 *
 * Each page is checked in light on a desktop and in dark on a phone.
 *
 * `CHROMIUM=/path/to/chromium SCREENSHOTS=docs/pictures node --import tsx test/browser/story.browser.ts`
 * `LOOKS=dir` also takes pictures of all pages, in light and dark, on a desktop and on a phone.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Page } from 'playwright-core';
import { readConfiguration } from '../../examples/asset-tracker/configuration.js';
import { startServer } from '../../examples/asset-tracker/start.js';
import { simulate } from '../../src/tools/simulator/run.js';
import { keyIn, panel, password, Provider } from '../examples/asset-tracker-visitor.js';

const { CHROMIUM = '/usr/bin/chromium', SCREENSHOTS, LOOKS } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const leaver = 'ayo.balogun@fernhill.example';

const tracker = await startServer(
  readConfiguration({ PORT: '0', DATABASE_FILE: ':memory:', ADMIN_PASSWORD: password, LOG_LEVEL: 'silent' }),
);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--headless'] });
const desktop = { width: 1180, height: 860 };
const phone = { width: 390, height: 844 };
const context = await browser.newContext({
  viewport: desktop,
  // What changes slowly has other colors meanwhile.
  reducedMotion: 'reduce',
  permissions: ['clipboard-read', 'clipboard-write'],
});
const page = await context.newPage();
page.on('dialog', () => assert.fail('a script in a name was executed'));
page.on('request', (sent) =>
  assert.equal(new URL(sent.url()).origin, tracker.address, 'the page sent a request to another origin'),
);
for (const folder of [SCREENSHOTS, LOOKS]) if (folder !== undefined) mkdirSync(folder, { recursive: true });

try {
  await signIn();
  const { baseUrl, key } = await connect();
  await provision(baseUrl, key);
  await giveRole();
  await webhooks();
  await hostileNames(new Provider(tracker.address, key));
  await leaveAndReturn(new Provider(tracker.address, key));
  const next = await replaceKey(key);
  await allowNetworks(next);
  await disable(next);
  await setUpByGuest();
  await endConnection();
  console.log('✓ the story');
} finally {
  await browser.close();
  await tracker.stop();
}

async function signIn(): Promise<void> {
  await page.goto(tracker.address);
  await look('sign-in', page, false);
  await page.getByLabel('E-mail').fill(tracker.email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Members' }).waitFor();
}

async function connect(): Promise<{ readonly baseUrl: string; readonly key: string }> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page
    .getByRole('link', { name: /User provisioning via SCIM/ })
    .first()
    .click();
  await page.getByRole('heading', { name: 'User provisioning via SCIM' }).waitFor();
  await look('provisioning-disabled', page);
  await page.getByLabel('Enabled').check();
  await page.getByRole('button', { name: 'Save the status' }).click();
  await page.getByText('User provisioning is enabled.').first().waitFor();
  await page.getByLabel('Identity provider', { exact: true }).selectOption('entra');
  await page.getByRole('button', { name: 'Save the identity provider' }).click();
  await page.getByText('The identity provider is saved.').first().waitFor();
  await page.getByRole('button', { name: 'Copy the base URL' }).click();
  const baseUrl = String(await page.evaluate('navigator.clipboard.readText()'));
  assert.equal(baseUrl, `${tracker.address}/scim/v2`);
  const key = await createKey('Microsoft Entra ID');
  await look('connector-key', page, false);
  await page.goto(tracker.address + panel);
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('The connection works.').waitFor();
  await look('provisioning-enabled', page);
  return { baseUrl, key };
}

async function createKey(name: string): Promise<string> {
  await page.goto(`${tracker.address}${panel}/keys/new`);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Copy your new key now').waitFor();
  return keyIn(await page.content());
}

/** Provisions while the log is open: new entries appear without a reload. */
async function provision(baseUrl: string, key: string): Promise<void> {
  const watching = await context.newPage();
  await watching.goto(`${tracker.address}${panel}/log`);
  const before = await watching.locator('li.entry').count();
  const report = await simulate({ baseUrl, key, client: 'entra', users: 8, groups: 3, concurrency: 4, keep: true });
  assert.deepEqual(
    report.findings.map(({ rule }) => rule),
    [],
    'problems that Microsoft Entra ID found',
  );
  await watching.locator('li.entry').nth(before).waitFor({
    timeout: 10_000,
  });
  await look('provisioning-log', watching);
  await watching.close();
  await page.goto(`${tracker.address}/members?show=managed`);
  assert.ok((await page.locator('tbody tr').count()) >= 4, 'the provisioned users are missing in the list of members');
  await look('members', page);
  await page.goto(`${tracker.address}/teams`);
}

/** An administrator chooses the role that a group of the identity provider gives; its members get it. */
async function giveRole(): Promise<void> {
  await page.getByRole('link', { name: 'Choose the role that each team gives' }).click();
  await page.getByRole('heading', { name: 'Roles from groups' }).waitFor();
  const group = page.getByLabel('Group', { exact: true });
  // The groups of the company have roles already; the newest is one of the identity provider.
  const [newest = ''] = await tracker.services.database.db
    .selectFrom('teams')
    .innerJoin('team_members', 'team_members.team_id', 'teams.id')
    .select('teams.id')
    .orderBy('teams.id', 'desc')
    .limit(1)
    .execute()
    .then((rows) => rows.map(({ id }) => `t${String(id)}`));
  await group.selectOption(newest);
  await page.getByLabel('Role of its members').selectOption('technician');
  await look('role-added', page, false);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('The role is added.').waitFor();
  await until(async () => {
    await page.goto(`${tracker.address}${panel}/roles`);
    return (await page.getByText(/^Done: \d+ users$/).count()) === 1;
  });
  await look('roles', page);
  await page
    .getByRole('button', { name: /^Remove role technician/ })
    .last()
    .click();
  await page.getByRole('dialog', { name: 'Remove this role' }).waitFor();
  await look('role-removed', page, false);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(`${tracker.address}/teams#team-${newest.slice(1)}`);
  await page
    .getByText(/^set by/)
    .last()
    .waitFor();
  await page.evaluate('scrollTo(0, 0)');
  await look('teams', page);
}

/** Each change is sent to a receiver: here to a page of the product itself. */
async function webhooks(): Promise<void> {
  await page.goto(`${tracker.address}/settings`);
  await look('settings', page, false);
  await page.getByRole('link', { name: /Received webhooks/ }).click();
  await until(async () => {
    await page.reload();
    return (await page.getByRole('cell', { name: 'user.created' }).count()) > 0;
  });
  await look('received-webhooks', page);
  await page.getByRole('link', { name: 'Deliveries' }).click();
  await page.getByRole('button', { name: /^Send a test event/ }).click();
  await page.getByText(/^The test event was delivered: status 204/).waitFor();
  await look('webhooks', page);
}

/** Hostile names are shown as text. */
async function hostileNames(provider: Provider): Promise<void> {
  const names = ['<img src=x onerror=alert(1)>', '\u202eflipped\u202c', `long ${'x'.repeat(10_000)}`];
  for (const [i, displayName] of names.entries()) {
    const { status } = await provider.createUser({
      userName: `hostile${String(i)}@fernhill.example`,
      externalId: `h${String(i)}`,
      displayName,
    });
    assert.equal(status, 201);
  }
  await page.goto(`${tracker.address}/members?show=managed`);
  await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
  assert.equal(await page.locator('tbody img').count(), 0);
  const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  assert.equal(isWide, false, 'a long name makes the page wider than the window');
}

/** A member with three assets leaves and returns. */
async function leaveAndReturn(provider: Provider): Promise<void> {
  const id = await provider.idOf(leaver);
  await provider.switch(id, false);
  await page.goto(`${tracker.address}/hand-over`);
  await until(async () => {
    await page.reload();
    return (await page.getByText(/Ayo Balogun/).count()) >= 3;
  });
  await look('hand-over', page);
  await provider.switch(id, true);
  await until(async () => {
    await page.reload();
    return (await page.getByText(/Ayo Balogun/).count()) === 0;
  });
}

async function statusWith(connectorKey: string): Promise<number> {
  return (await new Provider(tracker.address, connectorKey).send('GET', '/Users?count=1')).status;
}

/** A new key takes the place of the old one. */
async function replaceKey(key: string): Promise<string> {
  await page.goto(tracker.address + panel);
  await page
    .getByRole('link', { name: 'Rotate key Microsoft Entra ID' })
    .or(page.getByRole('button', { name: 'Rotate key Microsoft Entra ID' }))
    .first()
    .click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Rotate/ })
    .click();
  await page.getByText('Copy your new key now').waitFor();
  const next = keyIn(await page.content());
  assert.deepEqual(
    [await statusWith(key), await statusWith(next)],
    [200, 200],
    'both keys must work during the rotation',
  );
  const id = key.split('_')[1] ?? '';
  await page.goto(`${tracker.address}${panel}/keys/${id}/revoke`);
  await page.getByRole('button', { name: /Revoke/ }).click();
  await until(async () => (await statusWith(key)) === 401);
  assert.equal(await statusWith(next), 200);
  return next;
}

/** Requests are accepted from the networks of the identity provider only. */
async function allowNetworks(key: string): Promise<void> {
  const save = async (networks: string): Promise<void> => {
    await page.goto(tracker.address + panel);
    await page.getByText(/^Allowed networks of all keys/).click();
    await page.locator('#connection-networks').fill(networks);
    await page.getByRole('button', { name: 'Save networks' }).click();
    await page.getByText('The allowed networks are saved.').waitFor();
  };
  await save('203.0.113.0/24\n2001:db8::/32');
  await page.getByText(/^Allowed networks of all keys/).click();
  await look('allowed-networks', page, '#keys');
  await until(async () => (await statusWith(key)) === 401);
  await save('127.0.0.0/8');
  await until(async () => (await statusWith(key)) === 200);
  await save('');
}

async function disable(key: string): Promise<void> {
  await page.goto(tracker.address + panel);
  await page.getByLabel('Disabled').check();
  await page.getByRole('button', { name: 'Save the status' }).click();
  const dialog = page.getByRole('dialog', { name: 'Disable user provisioning' });
  await dialog.getByRole('button', { name: /Disable/ }).click();
  await page.getByText('User provisioning is disabled.').first().waitFor();
  await until(async () => (await statusWith(key)) === 403);
}

/** The administrator of the identity provider has no account here, and enables provisioning again with a set-up link. */
async function setUpByGuest(): Promise<void> {
  await page.goto(tracker.address + panel);
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByRole('heading', { name: 'Copy the set-up link now' }).waitFor();
  const link = (await page.locator('#shown-link').textContent()) ?? '';
  await look('set-up-link-created', page, false);
  const theirs = await browser.newContext({ viewport: desktop, reducedMotion: 'reduce' });
  const guest = await theirs.newPage();
  await guest.goto(link);
  await look('set-up-link', guest);
  await guest.getByRole('button', { name: 'Continue' }).click();
  await guest.getByRole('heading', { name: 'Connector keys' }).waitFor();
  await guest.getByLabel('Enabled').check();
  await guest.getByRole('button', { name: 'Save the status' }).click();
  await guest.getByText('User provisioning is enabled.').first().waitFor();
  await look('set-up-session', guest);
  await guest.goto(`${tracker.address}/members`);
  await guest.getByRole('button', { name: 'Sign in' }).waitFor();
  await theirs.close();
}

/** The company leaves the identity provider: the keys are revoked, the users deactivated, and the owner stays. */
async function endConnection(): Promise<void> {
  await page.goto(`${tracker.address}${panel}/end`);
  await page.getByText(/This connection manages \d+ users\./).waitFor();
  await page.getByLabel(/^Deactivate them/).check();
  await page.getByLabel(/^Yes, end this connection/).check();
  await look('end-connection', page);
  await page.getByRole('button', { name: 'End connection' }).click();
  await until(async () => {
    await page.goto(`${tracker.address}${panel}/end`);
    return (await page.getByRole('heading', { name: 'This connection has ended' }).count()) === 1;
  }, 60_000);
  await look('connection-ended', page);
  await page.goto(`${tracker.address}/members`);
  await page.getByRole('heading', { name: 'Members' }).waitFor();
  await page.goto(`${tracker.address}${panel}/audit-trail`);
  await page.getByText('Ended the connection').first().waitFor();
  await look('audit-trail', page);
}

/**
 * Takes a picture for the guide, and checks the page: what axe finds, and that it is not wider than a phone.
 *
 * @param picture the part of the page to show. Default: what a window shows; false: no picture in the guide
 */
async function look(name: string, what: Page, picture: string | boolean = true): Promise<void> {
  if (SCREENSHOTS !== undefined && picture !== false) {
    const path = `${SCREENSHOTS}/${name}.png`;
    await (typeof picture === 'string' ? what.locator(picture).screenshot({ path }) : what.screenshot({ path }));
  }
  await check(`${name}-light`, what);
  await what.emulateMedia({ colorScheme: 'dark' });
  await check(`${name}-dark`, what);
  await what.setViewportSize(phone);
  const isWide = await what.evaluate('document.documentElement.scrollWidth > innerWidth');
  assert.equal(isWide, false, `${name} is wider than a phone`);
  await check(`${name}-phone-dark`, what);
  await what.emulateMedia({ colorScheme: 'light' });
  await check(`${name}-phone-light`, what);
  await what.setViewportSize(desktop);
}

/** Serious accessibility problems: none. */
async function check(name: string, what: Page): Promise<void> {
  await what.evaluate(axe);
  const found = (await what.evaluate(
    `axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).slice(0, 3).join(' | ')))`,
  )) as readonly string[];
  assert.deepEqual(found, [], `axe on ${name}`);
  if (LOOKS !== undefined) await what.screenshot({ path: `${LOOKS}/${name}.png`, fullPage: true });
}

async function until(condition: () => Promise<boolean>, milliseconds = 15_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    assert.ok(Date.now() < end, 'the condition was not true in time');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
