// The page of an asset: who has it, who had it, and forms to check it in and out.
import { nameOf, shortened } from '../users.js';
import type { AssetDetails } from './asset-history.js';
import { Badge, Csrf, Empty, Name, MemberLink, When } from './page.js';

export function Asset({ asset, checkouts, flag, candidates, csrf }: AssetDetails & { readonly csrf: string }) {
  const open = checkouts.find(({ returned_at }) => returned_at === null);
  const path = `/assets/${String(asset.id)}`;
  return (
    <>
      <div class="heading">
        <div>
          <h1>
            <Name>{asset.name}</Name>
          </h1>
          <p class="hint">
            <Name>{asset.tag}</Name>, {asset.category}, serial number <Name>{asset.serial ?? 'unknown'}</Name>
          </p>
        </div>
        <p class="badges">
          {open === undefined ? <Badge tone="good">In the stores</Badge> : <Badge tone="blue">Checked out</Badge>}
          {flag !== undefined && <Badge tone="warn">{flag.label}</Badge>}
        </p>
      </div>
      <div class="columns">
        <section class="card">
          <h2>Holders</h2>
          {checkouts.length === 0 ? (
            <Empty>Nobody has had it yet.</Empty>
          ) : (
            <ul class="rows">
              {checkouts.map((each) => (
                <li>
                  <MemberLink id={each.member_id} name={nameOf(each)} />
                  <small class="end">
                    <When at={each.checked_out_at} /> to{' '}
                    {each.returned_at === null ? 'now' : <When at={each.returned_at} />}
                  </small>
                </li>
              ))}
            </ul>
          )}
        </section>
        <div>
          {open === undefined ? (
            <section class="card" id="check-out">
              <h2>Check out</h2>
              <form class="stack" method="post" action={`${path}/check-out`}>
                <Csrf token={csrf} />
                <label>
                  To
                  <select name="member_id" required>
                    <option value="">Choose a member</option>
                    {candidates.map(({ id, name, may_sign_in }) => (
                      <option value={String(id)}>
                        {shortened(name)}
                        {may_sign_in === 1 ? '' : ' (may not sign in)'}
                      </option>
                    ))}
                  </select>
                </label>
                <p class="hint">The list contains all members who may hold assets, whether they may sign in or not.</p>
                <button class="primary">Check out</button>
              </form>
            </section>
          ) : (
            <section class="card">
              <h2>Check in</h2>
              <form class="stack" method="post" action={`${path}/check-in`}>
                <Csrf token={csrf} />
                <p class="hint">
                  <Name>{nameOf(open)}</Name> has brought it back.
                </p>
                <button class="primary">Check in</button>
              </form>
            </section>
          )}
          {flag !== undefined && (
            <section class="card">
              <h2>Return due</h2>
              <p>
                <Name>{flag.reason}</Name>
              </p>
              <small>
                <Name>{flag.set_by}</Name>, <When at={flag.set_at} exact />
              </small>
            </section>
          )}
          {open !== undefined && flag === undefined && (
            <section class="card">
              <h2>Request its return</h2>
              <form class="stack" method="post" action={`${path}/request-return`}>
                <Csrf token={csrf} />
                <label>
                  Reason
                  <input name="reason" maxlength={200} required placeholder="Calibration is due" />
                </label>
                <button>Request</button>
              </form>
            </section>
          )}
        </div>
      </div>
    </>
  );
}
