// A small API for scanners and reports, with personal API keys. Off-boarding revokes these keys.
import { Router } from 'express';
import { bearerToken } from 'express-scim';
import type { Services } from '../services.js';
import { digest } from '../digest.js';

export function api({ database: { db } }: Services): Router {
  const router = Router();
  router.get('/assets', async (req, res) => {
    const token = bearerToken(req);
    const caller =
      token === undefined
        ? undefined
        : await db
            .selectFrom('api_keys')
            .innerJoin('members', 'members.id', 'api_keys.member_id')
            .select('members.id')
            .where('api_keys.digest', '=', digest(token))
            .where('api_keys.revoked_at', 'is', null)
            .where('members.may_sign_in', '=', 1)
            .where('members.deleted_at', 'is', null)
            .executeTakeFirst();
    if (caller === undefined) {
      res.status(401).set('www-authenticate', 'Bearer').json({ error: 'A personal API key is required.' });
      return;
    }
    const rows = await db
      .selectFrom('assets')
      .leftJoin('checkouts', (join) =>
        join.onRef('checkouts.asset_id', '=', 'assets.id').on('checkouts.returned_at', 'is', null),
      )
      .select(['assets.tag', 'assets.name', 'assets.category', 'checkouts.member_id as heldBy'])
      .orderBy('assets.tag')
      .execute();
    res.json({ assets: rows });
  });
  router.use((_req, res) => void res.status(404).json({ error: 'Not found.' }));
  return router;
}
