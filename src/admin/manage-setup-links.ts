import { audited } from './audited.js';
import { refuseWhileEnding } from './end-connection.js';
import type { Fields } from './fields.js';
import { PanelError } from './panel-error.js';
import type { SetupLink } from './setup-link-store.js';
import type { SetupLinks } from './setup-links.js';
import type { Visit } from './visit.js';

/** A new set-up link, shown this one time. */
export interface MadeSetupLink {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: Date;
}

/** How long a set-up link can be used, to choose from. */
export const linkHours: readonly number[] = [24, 72, 168];

/** Creates a set-up link for the connection. */
export async function createSetupLink(visit: Visit, fields: Fields): Promise<MadeSetupLink> {
  const links = linksOf(visit);
  // Compared as text: `Number` reads an empty field as 0.
  const hours = linkHours.find((each) => String(each) === fields.get('hours'));
  if (hours === undefined) throw new PanelError(400, 'Choose how long the link can be used: hours is 24, 72 or 168.');
  await refuseWhileEnding(visit);
  const { tenant, id: connection, name } = visit.connection;
  return audited(visit, 'setup-link.created', { hours: String(hours) }, () =>
    links.create({ tenant, connection, name, by: visit.administrator.user, hours }),
  );
}

/** Revokes all set-up links of the connection, and ends their sessions. */
export async function revokeSetupLinks(visit: Visit): Promise<void> {
  const links = linksOf(visit);
  const { tenant, id } = visit.connection;
  await audited(visit, 'setup-link.revoked', {}, () => links.revoke(tenant, id));
}

/** The newest set-up links of the connection. */
export async function readSetupLinks(visit: Visit): Promise<readonly SetupLink[]> {
  const { tenant, id } = visit.connection;
  return linksOf(visit).list(tenant, id);
}

function linksOf({ options }: Visit): SetupLinks {
  if (options.setupLinks === undefined) throw new PanelError(404, 'This page does not exist.');
  return options.setupLinks;
}
