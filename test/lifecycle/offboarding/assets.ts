import type { AppliedAction, HeldItem, Holder, LeavingPerson, Mark } from '../../../src/index.js';

/** A thing in the host's own table: who holds it, and the one mark that it may bear. */
export interface Asset {
  readonly id: string;
  holder: string | undefined;
  /** Who set the mark: a mark's id, or a person. */
  marked?: { readonly by: string; readonly as: AppliedAction } | undefined;
}

/** A holder over a list, which notes every call and can be made to fail. */
export class Assets implements Holder {
  readonly name: string;
  readonly assets: Asset[];
  readonly calls: string[] = [];
  readonly marks: Mark[] = [];
  readonly people: LeavingPerson[] = [];
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

  async heldBy(person: LeavingPerson): Promise<readonly HeldItem[]> {
    this.calls.push(`heldBy ${person.departure}`);
    this.people.push(person);
    this.#fail();
    const held = this.assets
      .filter(({ holder }) => holder === person.id)
      .map(({ id }) => ({ id, label: `Asset ${id}` }));
    await this.meanwhile?.();
    return held;
  }

  async apply(item: HeldItem, action: AppliedAction, person: LeavingPerson, markId: string): Promise<false | string> {
    this.calls.push(`${action} ${item.id}`);
    this.#fail();
    await this.meanwhile?.();
    const asset = this.asset(item.id);
    if (action === 'transfer') {
      asset.holder = person.managerId;
      return `was ${person.id}`;
    }
    if (action === 'revoke') asset.holder = undefined;
    else if (asset.marked !== undefined && asset.marked.by !== markId) return false;
    else asset.marked = { by: markId, as: action };
    return `note ${item.id}`;
  }

  async undo(mark: Mark): Promise<void> {
    this.calls.push(`undo ${mark.item.id}`);
    this.#fail();
    this.marks.push(mark);
    const asset = this.asset(mark.item.id);
    if (asset.marked?.by === mark.id) asset.marked = undefined;
  }

  #fail(): void {
    if (this.failures-- > 0) throw new Error('The assets are away.');
  }
}
