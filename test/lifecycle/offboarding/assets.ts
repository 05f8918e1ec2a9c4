import type {
  AppliedAction,
  HeldItem,
  OffboardingHandler,
  LeavingUser,
  OffboardingMarker,
} from '../../../src/lifecycle/index.js';

/** A thing in the host's own table: who holds it, and the one mark that it may bear. */
export interface Asset {
  readonly id: string;
  handler: string | undefined;
  /** Who set the mark: a mark's id, or a person. */
  marked?: { readonly by: string; readonly as: AppliedAction } | undefined;
}

/** A holder over a list, which notes every call and can be made to fail. */
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
    this.assets = Object.entries(held).map(([id, handler]) => ({ id, handler }));
  }

  asset(id: string): Asset {
    const found = this.assets.find((asset) => asset.id === id);
    if (found === undefined) throw new Error(`no asset ${id}`);
    return found;
  }

  async heldBy(person: LeavingUser): Promise<readonly HeldItem[]> {
    this.calls.push(`heldBy ${person.departure}`);
    this.users.push(person);
    this.#fail();
    const held = this.assets
      .filter(({ handler }) => handler === person.id)
      .map(({ id }) => ({ id, label: `Asset ${id}` }));
    await this.meanwhile?.();
    return held;
  }

  async apply(item: HeldItem, action: AppliedAction, person: LeavingUser, markerId: string): Promise<false | string> {
    this.calls.push(`${action} ${item.id}`);
    this.#fail();
    await this.meanwhile?.();
    const asset = this.asset(item.id);
    if (action === 'transfer') {
      asset.handler = person.managerId;
      return `was ${person.id}`;
    }
    if (action === 'revoke') asset.handler = undefined;
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
