import type { EndingJob, FateOfUsers } from '../lifecycle/connections/ending-jobs.js';
import type { ConnectionEnding } from '../lifecycle/connections/connection-ending.js';
import { audited } from './audited.js';
import type { Fields } from './fields.js';
import { liveKeys } from './key-access.js';
import { PanelError } from './panel-error.js';
import type { Visit } from './visit.js';

/** What becomes of the users, to choose from when a connection is ended. `done` is the end of a sentence. */
export const fateChoices: Readonly<
  Record<FateOfUsers, { readonly label: string; readonly done: string; readonly hint: string }>
> = {
  keep: {
    label: 'Keep them',
    done: 'kept',
    hint: 'They stay as they are, and can sign in. Administrators of this application manage them from now on.',
  },
  deactivate: {
    label: 'Deactivate them',
    done: 'deactivated',
    hint: 'They can no longer sign in. Their accounts stay.',
  },
  'off-board': {
    label: 'Delete them',
    done: 'deleted',
    hint: 'Their accounts are deleted, and the application hands over what they hold.',
  },
};

/** What the page about the end of a connection shows. */
export interface EndingView {
  /** Number of users that the connection manages now. */
  readonly users: number;
  /** The newest end of the connection. */
  readonly job: EndingJob | undefined;
}

/** @throws PanelError 404 where the host does not offer it */
export async function readEnding(visit: Visit): Promise<EndingView> {
  const endings = endingsOf(visit);
  const { tenant, id } = visit.connection;
  const job = await endings.progress(tenant, id);
  return { users: await endings.count(tenant, id), job: job && shownJob(visit, job) };
}

/** IDs of users, and the messages of a database, may be personal data. */
function shownJob({ administrator }: Visit, job: EndingJob): EndingJob {
  if (administrator.seePersonalData) return job;
  const { error, refusals } = job;
  return {
    ...job,
    refusals: refusals.map(({ reason }) => ({ userId: '', reason })),
    ...(error === undefined ? {} : { error: 'The last attempt failed.' }),
  };
}

/** Ends the connection. What becomes of the users has to be stated, and confirmed. */
export async function endConnection(visit: Visit, fields: Fields): Promise<EndingJob> {
  const endings = endingsOf(visit);
  const users = fields.get('users') ?? '';
  if (!isFate(users)) {
    throw new PanelError(
      400,
      'Choose what should happen to the users: users is keep, deactivate or off-board.',
      'users',
    );
  }
  if (fields.get('confirmed') !== 'true') {
    throw new PanelError(400, 'Confirm that you want to end the connection.', 'confirmed');
  }
  await refuseWhileEnding(visit);
  const { tenant, id } = visit.connection;
  const isStored = (await visit.options.connections.get(tenant, id)) !== undefined;
  if (!isStored && (await endings.count(tenant, id)) === 0) {
    throw new PanelError(409, 'This connection has not been set up, so there is nothing to end.');
  }
  const end = () => endings.endConnection({ tenant, connection: id, users, by: visit.administrator.user });
  const job = await (endings.auditTrail === undefined ? audited(visit, 'connection.end', { users }, end) : end());
  return shownJob(visit, job);
}

/** A key or a connection that is made usable now would stay behind. @throws PanelError 409 */
export async function refuseWhileEnding({ options, connection }: Visit): Promise<void> {
  const job = await options.endings?.progress(connection.tenant, connection.id);
  if (job?.state === 'running') {
    throw new PanelError(409, 'This connection is being ended. Wait until that is done.');
  }
}

/** Whether the connection has ended, and nobody has set it up again since. */
export function hasEnded({ ending, connection, now }: Visit): boolean {
  return ending?.state === 'done' && !connection.enabled && liveKeys(connection, now).length === 0;
}

function endingsOf({ options }: Visit): ConnectionEnding {
  if (options.endings === undefined) throw new PanelError(404, 'This page does not exist.');
  return options.endings;
}

function isFate(value: string): value is FateOfUsers {
  return Object.hasOwn(fateChoices, value);
}
