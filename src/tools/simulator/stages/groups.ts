import { randomUUID } from 'node:crypto';
import type { Stage } from '../client.js';
import type { GroupDialect, MemberChange } from '../dialect.js';
import { everyOf } from '../directory.js';
import { isLinked, type Linked, membersOf, type Simulation } from '../simulation.js';
import { checkGroup } from './check.js';
import { findNobody, findOne } from './find.js';

type LinkedGroup = Linked & { id: string };

/** Match, then create, for all groups; then the client reads them as it does in a cycle. */
export const createGroups: Stage = groupStage('first cycle: groups', async (simulation, dialect) => {
  await simulation.each(simulation.groups, async (group) => {
    const { team } = group;
    if (dialect.matchGroup !== undefined) await findNobody(simulation, 'match group', dialect.matchGroup(team));
    const keys = dialect.createsWithMembers ? team.members : [];
    const response = await simulation.send('create group', dialect.createGroup(team, membersOf(simulation, keys)));
    if (!simulation.hasStatus(response, [201], 'create-refused')) return;
    if (response.id === '') {
      simulation.found('create-unreadable', response, '201 with the resource and its id', {
        received: '201 without an id',
      });
      return;
    }
    group.id = response.id;
    group.members = new Set(keys);
    await readAsClient(simulation, dialect, { ...group, id: response.id });
    await checkGroup(simulation, { ...group, id: response.id });
  });
});

/** Reads a group as the client does: by its query, then by ID. */
export async function readAsClient(simulation: Simulation, dialect: GroupDialect, group: LinkedGroup): Promise<void> {
  if (dialect.matchGroup !== undefined) {
    const path = dialect.matchGroup(group.team);
    const { response, resource } = await findOne(simulation, 'match group', path, group.id);
    if (/[?&]excludedAttributes=members\b/.test(path) && resource !== undefined && 'members' in resource) {
      simulation.found('members-shown', response, 'no members', { received: 'members' });
    }
  }
  const path = dialect.readGroup(group.id);
  const response = await simulation.get('read group', path);
  if (!simulation.hasStatus(response, [200], 'read-refused')) return;
  if (/[?&]excludedAttributes=members\b/.test(path) && 'members' in response.body) {
    simulation.found('members-shown', response, 'no members', { received: 'members' });
  }
}

/** All members join, in bursts: several requests for one group are under way at the same time. */
export const joinMembers: Stage = groupStage('first cycle: memberships in parallel', async (simulation, dialect) => {
  await simulation.each(simulation.groups.filter(isLinked), async (group) => {
    const joining = group.team.members.filter((key) => !group.members.has(key));
    await changeMembers(simulation, dialect, group, joining, [], dialect.bursts && dialect.joinsAtOnce !== true);
    await checkGroup(simulation, group);
  });
});

/** Users come and go: every third leaves each group, and whoever was outside joins. */
export const moveMembers: Stage = groupStage('membership changes in parallel', async (simulation, dialect) => {
  const present = [...simulation.accounts.values()].filter(isLinked).map(({ user }) => user.key);
  await simulation.each(simulation.groups.filter(isLinked), async (group) => {
    if (group.members.size === 0) return;
    const leaving = everyOf([...group.members], 3, 1);
    const joining = present.filter((key) => !group.members.has(key)).slice(0, 10);
    await changeMembers(simulation, dialect, group, joining, leaving);
    await checkGroup(simulation, group);
  });
});

async function changeMembers(
  simulation: Simulation,
  dialect: GroupDialect,
  group: LinkedGroup,
  joining: readonly string[],
  leaving: readonly string[],
  inBursts = dialect.bursts,
): Promise<void> {
  const size = inBursts ? 3 : Math.max(joining.length, leaving.length, 1);
  const parts = Math.ceil(Math.max(joining.length, leaving.length) / size);
  const changes = Array.from({ length: parts }, (_, part) => ({
    joining: joining.slice(part * size, (part + 1) * size),
    leaving: leaving.slice(part * size, (part + 1) * size),
  }));
  const all = new Set(group.members);
  for (const key of joining) all.add(key);
  for (const key of leaving) all.delete(key);
  await simulation.each(changes, async (change) => {
    const taken = await sendChange(simulation, dialect, group, {
      add: membersOf(simulation, change.joining),
      remove: membersOf(simulation, change.leaving),
      all: membersOf(simulation, all),
    });
    if (!taken) return;
    for (const key of change.joining) group.members.add(key);
    for (const key of change.leaving) group.members.delete(key);
  });
}

async function sendChange(
  simulation: Simulation,
  dialect: GroupDialect,
  group: LinkedGroup,
  change: MemberChange,
  step = 'change members',
): Promise<boolean> {
  let taken = true;
  for (const request of dialect.changeMembers(group.id, group.team, change)) {
    const response = await simulation.send(step, request);
    taken = simulation.hasStatus(response, [200, 204], 'membership-refused') && taken;
    if (!taken && dialect.stopsAtFailure === true) break;
  }
  return taken;
}

/** A member whom the server does not know: it may be taken or refused, but must not be a failure of the server. */
export const unknownMember: Stage = groupStage('a member who is unknown', async (simulation, dialect) => {
  const group = simulation.groups.find(isLinked);
  if (group === undefined) return;
  const nobody = { id: randomUUID(), userName: 'nobody@example.com' };
  const all = membersOf(simulation, group.members);
  for (const request of dialect.changeMembers(group.id, group.team, {
    add: [nobody],
    remove: [],
    all: [...all, nobody],
  })) {
    await simulation.send('add unknown member', { ...request, onServerError: 'unknown-member-error' });
  }
  for (const request of dialect.changeMembers(group.id, group.team, { add: [], remove: [nobody], all })) {
    await simulation.send('remove unknown member', { ...request, onServerError: 'unknown-member-error' });
  }
  await checkGroup(simulation, group);
});

/** Some groups get another name; they keep their members. */
export const renameGroups: Stage = groupStage('groups are renamed', async (simulation, dialect) => {
  await simulation.each(everyOf(simulation.groups.filter(isLinked), 2), async (group) => {
    const before = group.team;
    group.team = { ...before, displayName: `${before.displayName} (new)` };
    const request = dialect.rename(group.id, group.team, membersOf(simulation, group.members));
    const response = await simulation.send('rename group', request);
    if (simulation.hasStatus(response, [200, 204], 'update-refused'))
      await checkGroup(simulation, group, before.displayName);
    else group.team = before;
  });
});

/** Some groups are deleted; the users stay. */
export const deleteGroups: Stage = groupStage('groups are deleted', async (simulation, dialect) => {
  const [, ...others] = simulation.groups.filter(isLinked);
  await simulation.each(everyOf(others, 2), async (group) => {
    const { id } = group;
    const response = await simulation.send('delete group', dialect.deleteGroup(id));
    if (!simulation.hasStatus(response, [204, 200], 'delete-refused')) return;
    const read = await simulation.get('check: read deleted group', dialect.readGroup(id));
    simulation.hasStatus(read, [404], 'delete-ignored');
    simulation.groups.filter((each) => each.id === id).forEach((each) => (each.id = undefined));
  });
});

function groupStage(name: string, play: (simulation: Simulation, dialect: GroupDialect) => Promise<void>): Stage {
  return {
    name,
    async play(simulation) {
      if (simulation.dialect.groups !== undefined) await play(simulation, simulation.dialect.groups);
    },
  };
}
