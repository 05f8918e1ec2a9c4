import type { User } from '../../contract/resource.js';
import { change, enterprise } from '../requests.js';
import { casesOf } from '../store-case.js';
import type { TextAttribute } from '../supported-attributes.js';

export const changeCases = casesOf(
  'changes',
  'A change that does more or less than requested goes unnoticed until a user has too much access.',
  [
    [
      'set-and-unset',
      'set and unset happen in one write',
      async (t) => {
        const [one, other] = t.texts(2) as [TextAttribute, TextAttribute];
        const { id, meta } = await t.user('ada', { ...one.of('Dr'), ...other.of('A') });
        const result = await t.store.update(id, change<User>({ set: other.of('B'), unset: [one.name] }), t.ctx());
        t.same(result?.changed, true, 'changed');
        t.ok(result?.resource.meta.version !== meta.version, 'the version is the same');
        const now = await t.read(id);
        t.holds(now, { ...other.of('B'), [one.name]: undefined }, 'the user');
      },
    ],
    [
      'extension',
      'an extension is one attribute, named by its URN: set replaces it as a whole, unset removes it',
      async (t) => {
        const { id } = await t.user('ada', { [enterprise]: { department: 'R & D', costCenter: '1.5' } });
        await t.store.update(id, change<User>({ set: { [enterprise]: { department: 'Sales' } } }), t.ctx());
        t.holds(await t.read(id), { [enterprise]: { department: 'Sales' } }, 'the user');
        await t.store.update(id, change<User>({ unset: [enterprise] }), t.ctx());
        t.same((await t.read(id))?.[enterprise], undefined, 'the extension');
      },
    ],
    [
      'rest-stays',
      'attributes in neither set nor unset stay unchanged',
      async (t) => {
        const rest = t.kept({ externalId: 'A', active: true, emails: [{ value: 'a@x' }] });
        const { id } = await t.user('ada', { ...rest, ...t.text.of('Dr') });
        await t.store.update(id, change<User>({ set: t.text.of('Prof') }), t.ctx());
        t.holds(await t.read(id), { userName: 'ada', ...rest, ...t.text.of('Prof') }, 'the user');
      },
    ],
    [
      'whole-values',
      'set replaces complex and multi-valued attributes as a whole; nothing is merged',
      async (t) => {
        const { id } = await t.user('ada', {
          name: { givenName: 'Ada', familyName: 'L' },
          emails: [
            { value: 'a@x', type: 'work' },
            { value: 'b@x', type: 'home' },
          ],
        });
        const set = { name: { givenName: 'Eve' }, emails: [{ value: 'c@x', type: 'work' }] };
        await t.store.update(id, change<User>({ set }), t.ctx());
        t.holds(await t.read(id), set, 'the user');
      },
    ],
    [
      'returned',
      'update returns the resource after the write',
      async (t) => {
        const { id } = await t.user('ada', t.text.of('a'));
        const result = await t.store.update(id, change<User>({ set: t.text.of('b') }), t.ctx());
        t.holds(result?.resource, { id, ...t.text.of('b') }, 'what update returns');
        if (result?.before !== undefined) t.holds(result.before, { id, ...t.text.of('a') }, '`before`');
      },
    ],
    [
      'false',
      'false is a value and differs from absent',
      async (t) => {
        const { id } = await t.user('ada', { active: true });
        await t.store.update(id, change<User>({ set: { active: false } }), t.ctx());
        t.holds(await t.read(id), { active: false }, 'the user');
      },
    ],
  ],
);
