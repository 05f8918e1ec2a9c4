import { checkNewName, createKey, keyOf, liveKey, type NewKey, revokeKey, rotateKey } from './actions.js';
import { NewKeyForm, RevokeForm, RotateForm } from './pages/key-forms.js';
import { ShownKey } from './pages/keys.js';
import type { PanelResponse } from './panel-response.js';
import type { Route } from './route.js';
import { formPage, forSetup, json, redirect, segment, show } from './route-builders.js';
import type { Visit } from './visit.js';

/** Creating, rotating and revoking connector keys. */
export const keyRoutes: readonly Route[] = [
  forSetup.get('/keys/new', async ({ visit }) =>
    formPage(visit, 'overview', 'Create a connector key', <NewKeyForm visit={visit} inDialog={false} />),
  ),
  forSetup.get(`/keys/${segment}/rotate`, async ({ visit, parameters: [id = ''] }) => {
    const form = <RotateForm visit={visit} item={liveKey(visit, id)} inDialog={false} />;
    return formPage(visit, 'overview', 'Rotate this key', form);
  }),
  forSetup.get(`/keys/${segment}/revoke`, async ({ visit, parameters: [id = ''] }) => {
    const form = <RevokeForm visit={visit} item={keyOf(visit, id)} inDialog={false} />;
    return formPage(visit, 'overview', 'Revoke this key', form);
  }),
  forSetup.post(
    '/keys',
    async ({ visit, fields }) => {
      checkNewName(visit, fields);
      return newKeyPage(visit, await createKey(visit, fields));
    },
    async ({ visit }, entered) => {
      const form = <NewKeyForm visit={visit} inDialog={false} entered={entered} />;
      return formPage(visit, 'overview', 'Create a connector key', form);
    },
  ),
  forSetup.post(`/keys/${segment}/rotate`, async ({ visit, fields, parameters: [id = ''] }) =>
    newKeyPage(visit, await rotateKey(visit, id, fields)),
  ),
  forSetup.post(`/keys/${segment}/revoke`, async ({ visit, parameters: [id = ''] }) => {
    await revokeKey(visit, id);
    return redirect(visit, '/', 'revoked');
  }),

  forSetup.post('/api/keys', async ({ visit, fields }) => json(await createKey(visit, fields), 201)),
  forSetup.post(`/api/keys/${segment}/rotate`, async ({ visit, fields, parameters: [id = ''] }) =>
    json(await rotateKey(visit, id, fields), 201),
  ),
  forSetup.post(`/api/keys/${segment}/revoke`, async ({ visit, parameters: [id = ''] }) => {
    await revokeKey(visit, id);
    return json({ id, revoked: true });
  }),
];

function newKeyPage(visit: Visit, made: NewKey): PanelResponse {
  return show(visit, 'overview', 'New key', <ShownKey visit={visit} made={made} />);
}
