import { describe, expect, it, jest } from '@jest/globals';
import {
  type ChangeEvent,
  ForbiddenError,
  MemoryStore,
  type ProposedChange,
  type ScimRouterOptions,
} from '../../../src/index.js';
import {
  type ExistingAccount,
  type Adopt,
  adoptBy,
  type AdoptByOptions,
  type AdoptionKey,
  type Conflict,
  type ConflictDecision,
  type ConflictStore,
} from '../../../src/lifecycle/index.js';
import { enterprise, expresses, scimOn, type Scim, userSchemas } from '../../http/app.js';
import { lifecycleStores } from '../stores.js';

const ada = {
  schemas: [...userSchemas, enterprise],
  userName: 'ada@new.example.com',
  externalId: 'ext-ada',
  title: 'From the provider',
  emails: [{ value: 'ada@new.example.com', primary: true }],
  [enterprise]: { employeeNumber: '0815' },
};

const old = {
  userName: 'ada@old.example.com',
  title: 'Old',
  emails: [{ value: 'ada@old.example.com', primary: true }],
};

function bodyOf(response: { readonly body: unknown }): Record<string, unknown> {
  return response.body as Record<string, unknown>;
}

/** An app with an `adopt`, and the same store without it. */
function open(make: Parameters<typeof scimOn>[0], adopt: Adopt, options: Partial<ScimRouterOptions> = {}) {
  const store = new MemoryStore();
  const events: ChangeEvent[] = [];
  const onChange = (event: ChangeEvent): void => void events.push(event);
  const plain = scimOn(make, {}, store);
  return { plain, events, store, scim: scimOn(make, { adopt, onChange, ...options }, store) };
}

describe.each(expresses)('options.adopt on %s', (_, make) => {
  it('links the account that it names: 201, externalId set, nothing else changed', async () => {
    let id = '';
    const adopt = jest.fn<Adopt>(() => ({ id }));
    const { plain, scim, events } = open(make, adopt);
    id = await plain.user(old);
    const before = bodyOf(await plain.get(`/Users/${id}`));
    const response = await scim.post('/Users', ada);
    expect([response.status, response.headers['location']]).toEqual([
      201,
      `https://app.example.com/scim/v2/Users/${id}`,
    ]);
    const after = bodyOf(await plain.get(`/Users/${id}`));
    expect(response.body).toEqual(after);
    expect(after).toEqual({ ...before, externalId: 'ext-ada', meta: after['meta'] });
    expect(bodyOf(await plain.get('/Users'))).toMatchObject({ totalResults: 1 });
    expect(events.map(({ type, resourceId, changed }) => [type, resourceId, changed])).toEqual([
      ['user.adopted', id, ['externalId']],
      ['user.updated', id, ['externalId']],
    ]);
    // From then on it is the client's.
    const patched = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'userName', value: ada.userName }]);
    expect(patched.body).toMatchObject({ userName: ada.userName });
    expect(adopt.mock.calls[0]?.[0]).toMatchObject({ resourceType: 'User', resource: { externalId: 'ext-ada' } });
  });

  it('takes over what the host lists, and never what a login depends on', async () => {
    let link: { id: string; attributes: readonly string[] } = { id: '', attributes: [] };
    const onError = jest.fn();
    const { plain, scim, events } = open(make, () => link, { onError });
    const id = await plain.user({ ...old, active: false });
    for (const attribute of ['userName', 'emails', 'password', 'id', 'nonsense']) {
      link = { id, attributes: [attribute] };
      expect((await scim.post('/Users', ada)).status).toBe(500);
    }
    expect(onError).toHaveBeenCalledTimes(5);
    expect(bodyOf(await plain.get(`/Users/${id}`))).not.toHaveProperty('externalId');
    link = { id, attributes: ['title', 'active', 'nickName'] };
    const response = await scim.post('/Users', ada);
    expect(response.body).toMatchObject({ ...old, title: ada.title, active: true, externalId: ada.externalId });
    expect(events.map(({ type }) => type)).toEqual(['user.adopted', 'user.reactivated', 'user.updated']);
  });

  it('is asked nothing without an externalId, of groups, and where the body is refused', async () => {
    const adopt = jest.fn<Adopt>(() => undefined);
    const { scim } = open(make, adopt);
    const { externalId: __, ...without } = ada;
    expect((await scim.post('/Users', without)).status).toBe(201);
    expect((await scim.post('/Users', { ...ada, emails: 'x', userName: 1 })).status).toBe(400);
    await scim.post('/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'G' });
    expect(adopt).not.toHaveBeenCalled();
    expect((await scim.post('/Users', { ...ada, userName: 'other' })).status).toBe(201);
    expect(adopt).toHaveBeenCalledTimes(1);
  });

  it('shows no password', async () => {
    const adopt = jest.fn<Adopt>(() => undefined);
    const { scim } = open(make, adopt, { password: true });
    expect((await scim.post('/Users', { ...ada, password: 'secret-secret' })).status).toBe(201);
    expect(JSON.stringify(adopt.mock.calls[0]?.[0].resource)).not.toContain('secret');
  });

  it('returns 409 if the account is linked with another externalId, unless relink is set', async () => {
    let id = '';
    let relink = false;
    const { plain, scim } = open(make, () => ({ id, relink }));
    id = await plain.user({ ...old, externalId: 'ext-somebody' });
    const refused = await scim.post('/Users', ada);
    expect(refused.body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect(JSON.stringify(refused.body)).not.toContain('ext-');
    relink = true;
    expect((await scim.post('/Users', ada)).body).toMatchObject({ id, externalId: 'ext-ada' });
  });

  it('gives an account to one of two clients that ask at once', async () => {
    let id = '';
    const { plain, scim } = open(make, () => ({ id }));
    id = await plain.user(old);
    const two = ['a', 'b'].map(async (externalId) => scim.post('/Users', { ...ada, externalId }));
    expect((await Promise.all(two)).map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('looks again where the account was linked by somebody else in between', async () => {
    let id = '';
    let meddle = true;
    const { plain, scim } = open(make, () => ({ id }), {
      beforeChange: async () => {
        if (!meddle) return;
        meddle = false;
        await plain.patch(`/Users/${id}`, [{ op: 'replace', path: 'externalId', value: 'ext-faster' }]);
      },
    });
    id = await plain.user(old);
    expect((await scim.post('/Users', ada)).status).toBe(409);
    expect(bodyOf(await plain.get(`/Users/${id}`))).toMatchObject({ externalId: 'ext-faster' });
  });

  it('is judged by authorize and beforeChange like a PATCH of the account', async () => {
    let id = '';
    const seen: ProposedChange[] = [];
    const guarded = open(make, () => ({ id }), {
      beforeChange: (change) => {
        seen.push(change);
        throw new ForbiddenError('no');
      },
    });
    id = await guarded.plain.user(old);
    expect((await guarded.scim.post('/Users', ada)).status).toBe(403);
    expect(seen).toEqual([expect.objectContaining({ operation: 'patch', id, set: { externalId: 'ext-ada' } })]);
    const unauthorized = open(make, () => ({ id }), { authorize: ({ operation }) => operation !== 'patch' });
    id = await unauthorized.plain.user(old);
    expect((await unauthorized.scim.post('/Users', ada)).status).toBe(403);
    expect(bodyOf(await unauthorized.plain.get(`/Users/${id}`))).not.toHaveProperty('externalId');
  });

  it('returns 409 for an ambiguous and for a refused adoption', async () => {
    let adoption: Awaited<ReturnType<Adopt>> = { ambiguous: ['1', '2'] };
    const { plain, scim } = open(make, () => adoption);
    const response = await scim.post('/Users', ada);
    expect(response.body).toMatchObject({
      status: '409',
      scimType: 'uniqueness',
      detail: expect.stringContaining('administrator'),
    });
    adoption = { refused: true };
    expect((await scim.post('/Users', ada)).body).toMatchObject({
      status: '409',
      detail: expect.stringContaining('refused'),
    });
    expect(bodyOf(await plain.get('/Users'))).toMatchObject({ totalResults: 0 });
  });

  it('creates a new account for a deleted user who returns, and names the tombstone', async () => {
    const { scim, events } = open(make, () => ({ tombstone: 't-1' }));
    const response = await scim.post('/Users', ada);
    expect(response.status).toBe(201);
    expect(events.map(({ type, resourceId, data }) => [type, resourceId, data])).toEqual([
      ['user.created', bodyOf(response)['id'], expect.anything()],
      ['user.rehired', bodyOf(response)['id'], { tombstone: 't-1' }],
    ]);
  });

  it('is off by default: POST never touches an existing account', async () => {
    const scim = scimOn(make);
    const id = await scim.user(old);
    expect((await scim.post('/Users', { ...ada, userName: old.userName })).status).toBe(409);
    expect(bodyOf(await scim.get(`/Users/${id}`))).not.toHaveProperty('externalId');
  });
});

describe.each(expresses)('adoptBy on %s', (_, make) => {
  describe.each(lifecycleStores)('with conflicts %s', (__, stores) => {
    interface Setting {
      readonly scim: Scim;
      readonly plain: Scim;
      readonly conflicts: ConflictStore;
      readonly asked: AdoptionKey[];
      account(attributes: object, more?: Partial<ExistingAccount>): Promise<string>;
      settle(decision: Omit<ConflictDecision, 'by' | 'time'>): Promise<void>;
    }
    const set = async (options: Partial<AdoptByOptions> = {}): Promise<Setting> => {
      const { conflicts } = await stores();
      const asked: AdoptionKey[] = [];
      const more = new Map<string, Partial<ExistingAccount>>();
      const find: AdoptByOptions['find'] = async (tenant, { by, value }) => {
        asked.push({ by, value });
        if (tenant !== 'default') return [];
        const path = { externalId: 'externalId', employeeNumber: `${enterprise}:employeeNumber`, userName: 'userName' };
        const query = by === 'verifiedEmail' ? `emails.value eq "${value}"` : `${path[by]} eq "${value}"`;
        const { Resources = [] } = (await plain.get(`/Users?filter=${encodeURIComponent(query)}`)).body as {
          Resources?: { id: string; externalId?: string; active?: boolean }[];
        };
        return Resources.map(({ id, externalId, active }) => ({ id, externalId, active, label: id, ...more.get(id) }));
      };
      const { plain, scim } = open(make, adoptBy({ find, conflicts, ...options }));
      return {
        ...{ scim, plain, conflicts, asked },
        async account(attributes, extra = {}) {
          const id = await plain.user(attributes);
          more.set(id, extra);
          return id;
        },
        async settle(decision) {
          const [waiting] = (await conflicts.list('default')) as [Conflict];
          const whole = { ...decision, by: 'root', time: new Date().toISOString() } as ConflictDecision;
          expect(await conflicts.settle('default', waiting.id, whole)).toBeDefined();
        },
      };
    };
    const number = (employeeNumber: string) => ({ [enterprise]: { employeeNumber } });

    it('links the one account that a rule finds', async () => {
      const { scim, account, conflicts, asked } = await set();
      const id = await account({ ...old, ...number('0815') });
      await account(number('0816'));
      expect(await scim.post('/Users', ada)).toMatchObject({ status: 201, body: { id, userName: old.userName } });
      expect(await conflicts.list('default')).toEqual([]);
      expect(asked).toEqual([
        { by: 'externalId', value: 'ext-ada' },
        { by: 'employeeNumber', value: '0815' },
      ]);
    });

    it('links by a verified e-mail only with that rule, and only in the domains of the tenant', async () => {
      const off = await set();
      await off.account({ ...old, emails: ada.emails });
      const created = await off.scim.post('/Users', ada);
      expect(created.body).toMatchObject({ userName: ada.userName });
      const on = await set({ rules: ['verifiedEmail'], domains: () => ['NEW.example.com'] });
      const id = await on.account({ ...old, emails: ada.emails });
      expect((await on.scim.post('/Users', ada)).body).toMatchObject({ id });
      const foreign = await set({ rules: ['verifiedEmail'], domains: () => ['example.com'] });
      await foreign.account({ ...old, emails: ada.emails });
      expect((await foreign.scim.post('/Users', ada)).body).toMatchObject({ userName: ada.userName });
    });

    it('queues several matches once, returns 409, and links the account that an administrator chooses', async () => {
      const { scim, account, conflicts, settle } = await set();
      const one = await account(number('0815'));
      const two = await account(number('0815'));
      expect([(await scim.post('/Users', ada)).status, (await scim.post('/Users', ada)).status]).toEqual([409, 409]);
      const waiting = await conflicts.list('default');
      expect(waiting).toEqual([
        expect.objectContaining({
          kind: 'adopt',
          candidates: [expect.objectContaining({ id: one }), expect.objectContaining({ id: two })],
          resource: expect.objectContaining({ userName: ada.userName, employeeNumber: '0815' }),
        }),
      ]);
      await settle({ action: 'link', id: two } as ConflictDecision);
      expect(await scim.post('/Users', ada)).toMatchObject({ status: 201, body: { id: two, externalId: 'ext-ada' } });
    });

    it('needs a new decision when the user differs from the one that was decided about', async () => {
      const { scim, account, conflicts, settle } = await set();
      const one = await account(number('0815'));
      await account(number('0815'));
      await scim.post('/Users', ada);
      await settle({ action: 'link', id: one } as ConflictDecision);
      const other = { ...ada, emails: [{ value: 'mallory@example.com', primary: true }] };
      expect((await scim.post('/Users', other)).status).toBe(409);
      expect((await conflicts.list('default')).filter(({ decision }) => decision === undefined)).toHaveLength(1);
    });

    it('does not link the account of a decision that no longer matches', async () => {
      const { scim, plain, account, settle } = await set();
      const one = await account(number('0815'));
      const two = await account(number('0815'));
      await scim.post('/Users', ada);
      await settle({ action: 'link', id: one } as ConflictDecision);
      const moved = [{ op: 'replace', path: `${enterprise}:employeeNumber`, value: '0816' }];
      expect((await plain.patch(`/Users/${one}`, moved)).status).toBe(200);
      expect(await scim.post('/Users', ada)).toMatchObject({ status: 201, body: { id: two } });
      expect(bodyOf(await plain.get(`/Users/${one}`))).not.toHaveProperty('externalId');
    });

    it('links a deactivated account by e-mail only if it has the externalId of the user', async () => {
      for (const [externalId, status] of [
        [ada.externalId, 201],
        ['ext-of-somebody', 409],
      ] as const) {
        const { scim, account } = await set({ rules: ['verifiedEmail'] });
        await account({ ...old, emails: ada.emails, externalId, active: false });
        expect((await scim.post('/Users', ada)).status).toBe(status);
      }
    });

    it('creates or refuses as decided', async () => {
      for (const action of ['create', 'refuse'] as const) {
        const { scim, account, settle, conflicts } = await set();
        await account(number('0815'));
        await account(number('0815'));
        await scim.post('/Users', ada);
        await settle({ action });
        const response = await scim.post('/Users', ada);
        expect(response.status).toBe(action === 'create' ? 201 : 409);
        if (action === 'refuse') expect(bodyOf(response)['detail']).toContain('refused');
        expect((await conflicts.list('default')).map(({ decision }) => decision?.action)).toEqual([action]);
      }
    });

    it('queues rules that contradict each other', async () => {
      const { scim, account, conflicts } = await set({ rules: ['employeeNumber', 'verifiedEmail'] });
      await account(number('0815'));
      await account({ emails: ada.emails });
      expect((await scim.post('/Users', ada)).status).toBe(409);
      expect((await conflicts.list('default'))[0]?.candidates).toHaveLength(2);
    });

    it('queues a privileged account, and one that is linked with another user', async () => {
      for (const [attributes, more] of [
        [number('0815'), { review: true }],
        [{ ...number('0815'), externalId: 'ext-somebody' }, {}],
      ] as const) {
        const { scim, account, conflicts } = await set();
        const id = await account(attributes, more);
        expect((await scim.post('/Users', ada)).status).toBe(409);
        expect((await conflicts.list('default'))[0]?.candidates).toEqual([{ id, label: id }]);
      }
    });

    it('leaves an ordinary duplicate to the store', async () => {
      const { scim, account, conflicts } = await set();
      await account({ userName: ada.userName, externalId: ada.externalId });
      expect((await scim.post('/Users', ada)).body).toMatchObject({
        status: '409',
        detail: expect.stringContaining('userName'),
      });
      expect(await conflicts.list('default')).toEqual([]);
    });

    it('links a re-hire by externalId or employeeNumber with the deactivated account', async () => {
      for (const externalId of [ada.externalId, 'ext-of-the-first-time']) {
        const { scim, account } = await set({ attributes: ['active'] });
        const id = await account({ ...old, ...number('0815'), externalId, active: false });
        expect(await scim.post('/Users', ada)).toMatchObject({
          status: 201,
          body: { id, userName: old.userName, externalId: 'ext-ada', active: true },
        });
      }
    });

    it('never links by userName: a new hire does not get the account of a user who left', async () => {
      for (const attributes of [{}, { externalId: 'ext-left', active: false }]) {
        const { scim, account, conflicts, plain } = await set();
        const id = await account({ ...attributes, userName: ada.userName });
        const before = bodyOf(await plain.get(`/Users/${id}`));
        expect((await scim.post('/Users', ada)).status).toBe(409);
        expect(bodyOf(await plain.get(`/Users/${id}`))).toEqual(before);
        expect((await conflicts.list('default'))[0]?.candidates).toEqual([{ id, label: id }]);
      }
    });

    it('never matches a tombstone by e-mail, because the address may have been reassigned', async () => {
      const keys: AdoptionKey[] = [];
      const tombstones = {
        find: (___: string, key: AdoptionKey) => {
          keys.push(key);
          return [];
        },
      };
      const { scim } = await set({ tombstones, rules: ['externalId', 'employeeNumber', 'verifiedEmail'] });
      expect((await scim.post('/Users', ada)).status).toBe(201);
      expect(keys.map(({ by }) => by)).toEqual(['externalId', 'employeeNumber']);
    });

    it('lets a deleted user return when exactly one tombstone matches', async () => {
      const tombstone = { id: 't', label: 'Ada, deleted' };
      let found = [tombstone];
      const tombstones = {
        find: (___: string, { by, value }: AdoptionKey) => (by === 'employeeNumber' && value === '0815' ? found : []),
      };
      const one = await set({ tombstones });
      expect((await one.scim.post('/Users', ada)).status).toBe(201);
      expect(await one.conflicts.list('default')).toEqual([]);
      found = [tombstone, { id: 'u', label: 'Another' }];
      const several = await set({ tombstones });
      expect((await several.scim.post('/Users', ada)).status).toBe(409);
      await several.settle({ action: 'link', id: 'tombstone:u' } as ConflictDecision);
      expect((await several.scim.post('/Users', ada)).status).toBe(201);
    });
  });

  it('refuses rules and attributes that would give access to accounts', () => {
    const options = { find: () => [], conflicts: {} as ConflictStore };
    expect(() => adoptBy({ ...options, rules: ['userName' as 'externalId'] })).toThrow(TypeError);
    for (const attribute of ['userName', 'emails', 'password']) {
      expect(() => adoptBy({ ...options, attributes: [attribute] })).toThrow(attribute);
    }
  });
});
