// Parts of the page of a member, besides the form.
import type { Selectable } from 'kysely';
import type { Tables } from '../database.js';
import { Icon } from './icons.js';
import { Badge, Csrf, Empty, Name, shortName, When } from './page.js';

type Checkout = Selectable<Tables['checkouts']> & {
  readonly tag: string;
  readonly name: string;
  readonly flag: string | null;
};

export function Held({
  checkouts,
  csrf,
  back,
}: {
  readonly checkouts: readonly Checkout[];
  readonly csrf: string;
  readonly back: string;
}) {
  return (
    <section class="card">
      <h2>
        Holds now <span class="faint">{checkouts.length}</span>
      </h2>
      {checkouts.length === 0 ? (
        <Empty>No assets.</Empty>
      ) : (
        <ul class="rows">
          {checkouts.map(({ asset_id, tag, name, checked_out_at, flag }) => (
            <li>
              <span class="grow">
                <a href={`/assets/${String(asset_id)}`}>
                  <Name>{name}</Name>
                </a>{' '}
                {flag !== null && <Badge tone="warn">{flag}</Badge>}
                <small>
                  <Name>{tag}</Name> since <When at={checked_out_at} />
                </small>
              </span>
              <form method="post" action={`/assets/${String(asset_id)}/check-in`}>
                <Csrf token={csrf} />
                <input type="hidden" name="back" value={back} />
                <button>
                  Check in <span class="hidden">{name}</span>
                </button>
              </form>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function Custody({ checkouts }: { readonly checkouts: readonly Checkout[] }) {
  return (
    <section class="card">
      <h2>Held before</h2>
      {checkouts.length === 0 ? (
        <Empty>This member has not returned any assets yet.</Empty>
      ) : (
        <ul class="rows">
          {checkouts.map(({ asset_id, tag, name, checked_out_at, returned_at }) => (
            <li>
              <span class="grow">
                <a href={`/assets/${String(asset_id)}`}>
                  <Name>{name}</Name>
                </a>
                <small>
                  <Name>{tag}</Name>, <When at={checked_out_at} /> to <When at={returned_at ?? checked_out_at} />
                </small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const sentences: Readonly<Record<string, string>> = {
  'user.created': 'Created',
  'user.updated': 'Updated',
  'user.deactivated': 'May no longer sign in',
  'user.reactivated': 'May sign in again',
  'user.deleted': 'Deleted',
  'user.adopted': 'Linked with the identity provider',
  'user.rehired': 'Re-hired',
};

/** Hides updates of only `active`: they have their own event. */
function isShown({ type, changed }: { readonly type: string; readonly changed: string }): boolean {
  return type !== 'user.updated' || changed !== '["active"]';
}

export function History({
  events,
  created,
}: {
  readonly events: readonly {
    readonly time: string;
    readonly type: string;
    readonly changed: string;
    readonly client: string | null;
  }[];
  readonly created: string;
}) {
  return (
    <section class="card">
      <h2>History</h2>
      <ol class="history">
        {events.filter(isShown).map(({ time, type, changed, client }) => (
          <li>
            <strong>{sentences[type] ?? type}</strong>
            {type === 'user.updated' && <span> {(JSON.parse(changed) as string[]).map(shortName).join(', ')}</span>}
            <small>
              <When at={time} exact /> by <Name>{client ?? 'a client'}</Name>
            </small>
          </li>
        ))}
        <li>
          <strong>Joined Stockroom</strong>
          <small>
            <When at={created} exact />
          </small>
        </li>
      </ol>
    </section>
  );
}

export function Notices({ notices }: { readonly notices: readonly Selectable<Tables['notices']>[] }) {
  if (notices.length === 0) return null;
  return (
    <section class="card">
      <h2>
        <Icon name="bell" /> Notices
      </h2>
      <ul class="rows">
        {notices.map(({ message, sent_at, withdrawn_at }) => (
          <li>
            <span class={withdrawn_at === null ? 'grow' : 'grow faint'}>
              <Name>{message}</Name>
              <small>
                <When at={sent_at} exact />
                {withdrawn_at !== null && ', withdrawn'}
              </small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function ApiKeys({
  keys,
  csrf,
  path,
  made,
}: {
  readonly keys: readonly Selectable<Tables['api_keys']>[];
  readonly csrf: string;
  readonly path: string;
  readonly made?: string | undefined;
}) {
  return (
    <section class="card">
      <h2>API keys</h2>
      {made !== undefined && (
        <div class="secret" role="status">
          <p>Copy the key now; it is not shown again.</p>
          <code data-copy>{made}</code>
        </div>
      )}
      <ul class="rows">
        {keys.map(({ id, label, created_at, revoked_at, revoked_by }) => (
          <li>
            <span class="grow">
              <Name>{label}</Name>
              <small>
                since <When at={created_at} />
              </small>
            </span>
            {revoked_at === null ? (
              <form method="post" action={`${path}/api-keys/${String(id)}/revoke`}>
                <Csrf token={csrf} />
                <button>
                  Revoke <span class="hidden">{label}</span>
                </button>
              </form>
            ) : (
              <Badge>
                Revoked by <Name>{revoked_by ?? 'an administrator'}</Name>
              </Badge>
            )}
          </li>
        ))}
      </ul>
      <form class="inline" method="post" action={`${path}/api-keys`}>
        <Csrf token={csrf} />
        <label class="grow">
          <span class="hidden">Purpose of the key</span>
          <input name="label" placeholder="Purpose" maxlength={100} required />
        </label>
        <button>New key</button>
      </form>
    </section>
  );
}
