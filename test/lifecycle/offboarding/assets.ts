import type {
  AppliedAction,
  HeldItem,
  OffboardingHandler,
  LeavingUser,
  OffboardingMarker,
} from '../../../src/lifecycle/index.js';

/** An asset in the app's own table: who holds it, and the one marker that it may carry. */
export interface Asset {
  readonly id: string;
  holder: string | undefined;
  /** Who set the marker: the marker's id, or an administrator. */
  marked?: { readonly by: string; readonly as: AppliedAction } | undefined;
}

/** A handler over a list that records every call and can be made to fail. */
export class Assets implements OffboardingHandler {
  readonly name: string;
  readonly assets: Asset[];
  readonly calls: string[] = [];
  readonly markers: OffboardingMarker[] = [];
  readonly users: LeavingUser[] = [];
  failures = 0;
  /** Awaited in the middle of `heldBy` and `apply`. */
  meanwhile: (() => Promise<void>) | undefined;

  constructor(name: string, held: Readonly<Record<string, string>>) {
    this.name = name;
    this.assets = Object.entries(held).map(([id, holder]) => ({ id, holder }));
  }

  asset(id: string): Asset {
    const found = this.assets.find((asset) => asset.id === id);
    if (found === undefined) throw new Error(`no asset ${id}`);
    return found;
  }

  async heldBy(user: LeavingUser): Promise<readonly HeldItem[]> {
    this.calls.push(`heldBy ${user.departure}`);
    this.users.push(user);
    this.#fail();
    const held = this.assets.filter(({ holder }) => holder === user.id).map(({ id }) => ({ id, label: `Asset ${id}` }));
    await this.meanwhile?.();
    return held;
  }

  async apply(item: HeldItem, action: AppliedAction, user: LeavingUser, markerId: string): Promise<false | string> {
    this.calls.push(`${action} ${item.id}`);
    this.#fail();
    await this.meanwhile?.();
    const asset = this.asset(item.id);
    if (action === 'transfer') {
      asset.holder = user.managerId;
      return `was ${user.id}`;
    }
    if (action === 'revoke') asset.holder = undefined;
    else if (asset.marked !== undefined && asset.marked.by !== markerId) return false;
    else asset.marked = { by: markerId, as: action };
    return `note ${item.id}`;
  }

  async undo(marker: OffboardingMarker): Promise<void> {
    this.calls.push(`undo ${marker.item.id}`);
    this.#fail();
    this.markers.push(marker);
    const asset = this.asset(marker.item.id);
    if (asset.marked?.by === marker.id) asset.marked = undefined;
  }

  #fail(): void {
    if (this.failures-- > 0) throw new Error('The assets are away.');
  }
}
