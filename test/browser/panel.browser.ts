/**
 * Tests the settings panel in Chromium: axe on every page in light and dark, keyboard, copy buttons, dialogs, live entries,
 * and that no page sends requests to another origin.
 *
 * `CHROMIUM=/path/to/chromium SCREENSHOTS=dir node --import tsx test/browser/panel.browser.ts`
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import express from 'express';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import {
  createScimAdmin,
  mappingRows,
  memoryConnectionStore,
  memorySetupLinkStore,
  setupLinks,
} from '../../src/admin/index.js';
import { eventDelivery, memoryDeliveryStore } from '../../src/events/index.js';
import {
  accessRights,
  connectionEnding,
  memoryAuditTrailStore,
  memoryConflictStore,
  memoryConnectionEndingStore,
  memoryRightsJobStore,
  memoryRoleMappings,
  memoryUserLinkStore,
  roleMappingAdministration,
  userLinks,
} from '../../src/lifecycle/index.js';
import { MemoryStore } from '../../src/index.js';
import { manager, mount, type Panel, patch, startPanel, user } from '../admin/panel.js';

const { CHROMIUM = '/usr/bin/chromium', SCREENSHOTS } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const conflicts = memoryConflictStore();
const mapping = mappingRows({
  table: 'members',
  attributes: {
    userName: 'email',
    'name.givenName': 'first_name',
    active: { column: 'status', on: ['active', 'invited'], off: ['suspended'] },
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department': {
      kind: 'lookup',
      column: 'department_id',
      table: 'departments',
      key: 'id',
      value: 'name',
      unknown: 'create',
    },
    displayName: { kind: 'computed', columns: ['first_name', 'last_name'], read: () => '' },
  },
});
const connections = memoryConnectionStore();
const store = new MemoryStore();
const userLinkStore = memoryUserLinkStore();
const auditTrail = memoryAuditTrailStore();
const setupMount = '/provisioning-setup';
const links = setupLinks({
  secret: 'a secret of the browser test, 32 bytes',
  store: memorySetupLinkStore(),
  url: () => origin + setupMount,
});
const endings = connectionEnding({
  ...{ connections, store, links: userLinkStore, jobs: memoryConnectionEndingStore(), auditTrail, setupLinks: links },
  settleMilliseconds: 1,
});
const roleMappingStore = memoryRoleMappings();
const roleMappings = roleMappingAdministration({
  rights: accessRights({ store: () => store, map: roleMappingStore, exists: () => true, reconcile: () => undefined }),
  mappings: roleMappingStore,
  store,
  roles: ['viewer', 'editor'],
  jobs: memoryRightsJobStore(),
});
const deliveries = eventDelivery({
  store: memoryDeliveryStore(),
  // No page of the panel accepts it: each delivery fails.
  endpoints: () => [
    { id: 'crm', format: 'webhook', url: `${origin}/nowhere`, secrets: [`whsec_${'x'.repeat(40)}`] },
    { id: 'broken', format: 'webhook', url: 'not a URL', secrets: [] },
  ],
  maxAttempts: 1,
  allowHttp: true,
  allowedNetworks: ['127.0.0.0/8'],
});
const panel = await startPanel(express, {
  ...{ connections, store },
  logging: { unknownKeys: { tenant: 'default', connection: 'default' } },
  router: { onChange: userLinks({ store: userLinkStore }).onChange },
  admin: {
    conflicts,
    mapping,
    guideOf: () => '/help',
    auditTrail,
    endings,
    setupLinks: links,
    roleMappings,
    deliveries,
  },
});
// The panel once more, where nobody is signed in.
panel.app.use(
  setupMount,
  createScimAdmin({
    ...{ connections, log: panel.log, baseUrl: panel.baseUrl, auditTrail, setupLinks: links },
    authorize: () => undefined,
  }),
);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--headless'] });
const origin = new URL(panel.baseUrl).origin;
let failures = 0;

try {
  await checkPages('empty');
  const key = await seed(panel);
  await checkPages('seeded');
  await interact(key);
  await giveRole();
  await setUp();
  await end();
} finally {
  await browser.close();
  await panel.close();
}
process.exitCode = failures === 0 ? 0 : 1;

async function open(scheme: 'light' | 'dark', width = 1180, javaScriptEnabled = true): Promise<BrowserContext> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    javaScriptEnabled,
    bypassCSP: false,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  return context;
}

async function visit(page: Page, path: string): Promise<void> {
  page.on('request', (sent) =>
    assert.equal(new URL(sent.url()).origin, origin, 'the page sent a request to another origin'),
  );
  page.on('console', (message) => {
    // The browser also reports the page that is missing on purpose, and the form with a mistake.
    if (message.type() === 'error' && !/\b40[04]\b/.test(message.text())) fail(`${path}: ${message.text()}`);
  });
  page.on('pageerror', (error) => fail(`${path}: ${error.message}`));
  await page.goto(origin + mount + path);
}

function fail(text: string): void {
  failures++;
  console.error(`✗ ${text}`);
}

async function check(page: Page, name: string): Promise<void> {
  // The debugger is not subject to the Content-Security-Policy of the page.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      globalThis as never as { axe: { run(): Promise<{ violations: Violation[] }> } }
    ).axe.run();
    return violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target }) => target.join(' ')) }));
  });
  for (const { id, help, where } of found) fail(`${name}: ${id}: ${help}: ${where.slice(0, 4).join(' | ')}`);
  if (found.length === 0) console.log(`✓ ${name}`);
  if (SCREENSHOTS !== undefined) await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

async function checkPages(state: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    const context = await open(scheme);
    for (const [name, path] of [
      ['overview', '/'],
      ['log', '/log'],
      ['mapping', '/mapping'],
      ['roles', '/roles'],
      ['webhooks', '/webhooks'],
      ['conflicts', '/conflicts'],
      ['audit-trail', '/audit-trail'],
      ['end', '/end'],
      ['new-key', '/keys/new'],
      ['missing', '/nothing'],
    ] as const) {
      const page = await context.newPage();
      await visit(page, path);
      await check(page, `${state}-${name}-${scheme}`);
      // Check the collapsed parts too.
      await page.evaluate('for (const each of [...document.querySelectorAll("details")].slice(0, 5)) each.open = true');
      await check(page, `${state}-${name}-open-${scheme}`);
      await page.close();
    }
    await context.close();
  }
  const narrow = await open('light', 380);
  for (const path of [
    '/',
    '/log',
    '/mapping',
    '/roles',
    '/conflicts',
    '/webhooks',
    '/audit-trail',
    '/end',
    '/keys/new',
  ] as const) {
    const page = await narrow.newPage();
    await visit(page, path);
    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    if (isWide === true) fail(`${path} is wider than the screen of a phone`);
    await check(page, `${state}-narrow-${path === '/' ? 'overview' : path.slice(1).replace('/', '-')}`);
  }
  await narrow.close();
}

async function seed({ post, key, scim, connections }: Panel): Promise<string> {
  await post('/provider', { provider: 'entra' });
  await post('/status', { enabled: 'true' });
  const made = await key({ name: 'Microsoft Entra ID' });
  const other = await key({ name: 'evil <b>bold</b> ' + 'long'.repeat(15), scope: 'read', days: '30' });
  await post(`/api/keys/${other.id}/revoke`);
  const old = await key({ name: 'Before the summer', days: '90' });
  await post(`/api/keys/${old.id}/rotate`, { hours: '1' });
  await connections.touchKey(made.id, new Date());
  for (let index = 0; index < 30; index++)
    await scim('get', `/Users?filter=userName eq "nobody${String(index)}"`, made.key);
  const ada = await scim(
    'post',
    '/Users',
    made.key,
    user('ada@example.com', { displayName: 'Ada Lovelace', password: 'x' }),
  );
  const { id } = ada.body as { id: string };
  await scim('post', '/Users', made.key, user('ada@example.com'));
  await scim('patch', `/Users/${id}`, made.key, patch({ op: 'Replace', path: 'active', value: 'False' }));
  await scim(
    'post',
    '/Users',
    made.key,
    user('<img src=x onerror=alert(1)>', { displayName: '\u202eesrever <script>' }),
  );
  await scim('get', '/Users?filter=userName gt gt', made.key);
  await scim('get', '/Users', made.key.slice(0, -1));
  await scim('get', '/Users', (await key({ name: 'From the office', networks: '192.0.2.0/24' })).key);
  await conflicts.add({
    tenant: 'default',
    kind: 'adopt',
    fingerprint: 'one',
    summary: 'Several accounts match the new user.',
    candidates: [
      { id: 'u17', label: 'Grace Hopper (grace@example.com)' },
      { id: 'u18', label: '<i>Grace</i> H. \u202e(private)' },
    ],
    resource: { userName: 'grace@example.com', displayName: 'Grace Hopper', employeeNumber: '1906' },
  });
  await conflicts.add({
    tenant: 'default',
    kind: 'mass-deactivation',
    fingerprint: 'two',
    summary: 'The identity provider is deactivating unusually many users.',
    candidates: [],
  });
  const settled = await conflicts.add({
    tenant: 'default',
    kind: 'adopt',
    fingerprint: 'three',
    summary: 'The matching account is privileged; only an administrator can link it.',
    candidates: [{ id: 'u1', label: 'Root' }],
    resource: { userName: 'root@example.com' },
  });
  await conflicts.settle('default', settled.id, {
    action: 'link',
    id: 'u1',
    by: manager.user,
    time: new Date().toISOString(),
  });
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
  for (const displayName of ['Engineering', '<b>Sales</b> \u202e(private)', 'x'.repeat(2_000)]) {
    const group = await scim('post', '/Groups', made.key, { schemas, displayName });
    const { id: groupId } = group.body as { id: string };
    if (displayName === 'Engineering') continue;
    await roleMappings.set('default', { groupId, role: 'editor', setBy: manager.user });
  }
  const setAt = new Date().toISOString();
  await roleMappingStore.set('default', { groupId: 'deleted', role: 'retired', setBy: manager.user, setAt });
  await roleMappings.apply('default', manager.user);
  for (const type of ['user.created', 'user.deactivated']) {
    await deliveries.enqueue({
      ...{ id: type, type, time: setAt, tenant: 'default', requestId: 'r', actor: made.id, resourceType: 'User' },
      ...{ resourceId: id, changed: ['active'], quirks: [], data: {} },
    });
  }
  await deliveries.run();
  return made.key;
}

async function interact(key: string): Promise<void> {
  const context = await open('light');
  const page = await context.newPage();
  await visit(page, '/');

  await page.getByRole('button', { name: 'Copy the base URL' }).click();
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), panel.baseUrl);

  await page.getByRole('button', { name: 'Create key' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Create a connector key' });
  await dialog.waitFor();
  await check(page, 'dialog-new-key-light');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });

  await page.getByRole('button', { name: 'Revoke key Microsoft Entra ID' }).click();
  await page.getByRole('dialog', { name: 'Revoke this key' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });

  await page.getByLabel('Disabled').check();
  await page.getByRole('button', { name: 'Save the status' }).click();
  const disable = page.getByRole('dialog', { name: 'Disable user provisioning' });
  await disable.waitFor();
  await check(page, 'dialog-disable-light');
  await disable.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await panel.connections.get('default', 'default'))?.enabled, true);

  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByText('The connection works.').waitFor();
  await check(page, 'tested-light');

  await page.goto(`${origin}${mount}/`);
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByLabel('Name').fill('Created with scripts');
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('heading', { name: 'Copy your new key now' }).waitFor();
  await check(page, 'shown-key-light');

  // A mistake: the form with what was entered, and the focus in the wrong field.
  await page.goto(`${origin}${mount}/`);
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByLabel('Name').fill('Office');
  await page.getByLabel('Read only').check();
  await page.getByLabel('Allowed networks (optional)').last().fill('10.0.0.0/33');
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByText('10.0.0.0/33 is not a network.').waitFor();
  assert.equal(await page.evaluate('document.activeElement.name'), 'networks');
  assert.equal(await page.getByLabel('Name').inputValue(), 'Office');
  assert.equal(await page.getByLabel('Read only').isChecked(), true);
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without the transition of colors, in which a contrast may be too low for a moment.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await check(page, `form-mistake-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });

  await page.goto(`${origin}${mount}/log`);
  await page.getByRole('button', { name: 'Live updates' }).waitFor();
  await panel.scim('post', '/Users', key, user('live@example.com', { displayName: 'Live <b>Person</b>' }));
  const first = page.locator('li.entry').first();
  await first.getByText('Live <b>Person</b>', { exact: true }).waitFor({ timeout: 5_000 });
  await check(page, 'live-light');
  await context.close();

  const plain = await open('light', 1180, false);
  const without = await plain.newPage();
  await without.goto(`${origin}${mount}/`);
  await without.getByRole('link', { name: 'Create key' }).click();
  await without.getByLabel('Name').fill('Created without scripts');
  await without.getByRole('button', { name: 'Create key' }).click();
  await without.getByText('Copy your new key now').waitFor();
  await without.goto(`${origin}${mount}/`);
  await without.getByLabel('Disabled').check();
  await without.getByRole('button', { name: 'Save the status' }).click();
  await without.getByText('User provisioning is disabled.').waitFor();
  await plain.close();
  console.log('✓ interaction with and without scripts');
}

/** A manager gives a group a role, with and without scripts, and removes it again. */
async function giveRole(): Promise<void> {
  for (const withScripts of [true, false]) {
    const context = await open('dark', 1180, withScripts);
    const page = await context.newPage();
    await page.goto(`${origin}${mount}/roles`);
    await page.getByLabel('Group', { exact: true }).selectOption({ label: 'Engineering' });
    await page.getByLabel('Role of its members').selectOption('viewer');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('The role is added. It is being applied to existing users.').waitFor();
    await roleMappings.run();
    await page.getByRole(withScripts ? 'button' : 'link', { name: 'Remove role viewer of Engineering' }).click();
    if (withScripts) {
      await page.getByRole('dialog', { name: 'Remove this role' }).waitFor();
      await check(page, 'dialog-remove-role-dark');
    }
    await page.getByRole('button', { name: 'Remove role', exact: true }).click();
    await page.getByText('The role is removed.').waitFor();
    await context.close();
  }
  console.log('✓ roles with and without scripts');
}

/** A manager creates a set-up link; somebody without an account opens it, with and without scripts. */
async function setUp(): Promise<void> {
  const context = await open('light');
  const page = await context.newPage();
  const createLink = async (): Promise<string> => {
    await page.goto(`${origin}${mount}/`);
    await page.getByRole('button', { name: 'Create link' }).click();
    await page.getByRole('heading', { name: 'Copy the set-up link now' }).waitFor();
    return (await page.locator('#shown-link').textContent()) ?? '';
  };
  const link = await createLink();
  await check(page, 'shown-set-up-link');

  const requested: string[] = [];
  const theirs = await open('light');
  const guest = await theirs.newPage();
  guest.on('request', (sent) => requested.push(`${sent.url()} ${sent.headers()['referer'] ?? ''}`));
  await guest.goto(link);
  await check(guest, 'set-up');
  assert.equal(guest.url(), `${origin}${setupMount}/setup`, 'the link stays in the address');
  await guest.getByRole('button', { name: 'Continue' }).click();
  await guest.getByRole('heading', { name: 'Connector keys' }).waitFor();
  await check(guest, 'set-up-overview');
  await guest.getByRole('button', { name: 'Create key' }).click();
  await guest.getByLabel('Name').fill('Created with a set-up link');
  await guest.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await guest.getByRole('heading', { name: 'Copy your new key now' }).waitFor();
  const secret = link.slice(link.indexOf('#') + 1);
  assert.ok(!requested.some((each) => each.includes(secret)), 'the link is in the URL of a request');

  await guest.goto(link);
  await guest.getByRole('button', { name: 'Continue' }).click();
  await guest.getByText('This set-up link has already been used.').waitFor();
  await check(guest, 'set-up-used');
  await theirs.close();

  const next = await createLink();
  const plain = await open('light', 1180, false);
  const without = await plain.newPage();
  await without.goto(next);
  await without.getByRole('textbox', { name: 'Set-up link' }).fill(next);
  await without.getByRole('button', { name: 'Continue' }).click();
  await without.getByRole('heading', { name: 'Connector keys' }).waitFor();
  await plain.close();
  await context.close();
  console.log('✓ set-up link with and without scripts');
}

/** A manager ends the connection, and sees what became of the users. */
async function end(): Promise<void> {
  const context = await open('dark');
  const page = await context.newPage();
  await page.goto(`${origin}${mount}/`);
  await page.getByRole('link', { name: 'End connection' }).click();
  await page.getByText(/This connection manages \d+ users?\./).waitFor();
  await page.getByLabel(/^Deactivate them/).check();
  await page.getByLabel(/^Yes, end this connection/).check();
  await check(page, 'end-form');
  await page.getByRole('button', { name: 'End connection' }).click();
  await page.getByRole('heading', { name: 'This connection is being ended' }).waitFor();
  await check(page, 'end-running');
  await endings.run();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await endings.run();
  await page.getByRole('link', { name: 'Reload' }).click();
  await page.getByRole('heading', { name: 'This connection has ended' }).waitFor();
  await check(page, 'end-done');
  await page.goto(`${origin}${mount}/audit-trail`);
  await page.getByText('Ended the connection').waitFor();
  await check(page, 'audit-trail-dark');
  await context.close();
  console.log('✓ ending a connection');
}
