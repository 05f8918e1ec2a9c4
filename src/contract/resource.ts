/** Resources as a store returns them (RFC 7643 3, 4). */

import type { Json } from './attribute.js';

/** A resource as the store keeps it: attributes as plain JSON, plus the `id` and `meta` that the store assigns. */
export type Stored<R> = R & { readonly id: string; readonly meta: StoredMeta };

/** The part of `meta` that a store keeps (RFC 7643 3.1). Dates are `Date`s or RFC 3339 timestamps. */
export interface StoredMeta {
  /** Omitted if the store does not know it, as for rows that existed before provisioning. */
  readonly created?: Date | string | undefined;
  /** Omitted if the store does not know it. */
  readonly lastModified?: Date | string | undefined;
  /** 1 to 128 characters of A-Z a-z 0-9 . _ -; differs after every change that a reader can see. */
  readonly version: string;
}

/** A value of `User.groups` (RFC 7643 4.1.2). */
export interface GroupRef {
  /** ID of the group. */
  readonly value: string;
  readonly display?: string | undefined;
  readonly type: 'direct' | 'indirect';
}

/** A value of a multi-valued complex attribute with the default sub-attributes (RFC 7643 2.4). */
export interface MultiValue {
  readonly value?: string;
  readonly display?: string;
  readonly type?: string;
  readonly primary?: boolean;
}

/** The enterprise extension of a user (RFC 7643 4.3), as stored. */
export type EnterpriseUser = {
  readonly employeeNumber?: string;
  readonly costCenter?: string;
  readonly organization?: string;
  readonly division?: string;
  readonly department?: string;
  readonly manager?: { readonly value?: string; readonly displayName?: string };
};

/** A user as stored (RFC 7643 4.1), without `id` and `meta`. */
export interface User {
  userName: string;
  externalId?: string;
  active?: boolean;
  displayName?: string;
  nickName?: string;
  profileUrl?: string;
  title?: string;
  userType?: string;
  preferredLanguage?: string;
  locale?: string;
  timezone?: string;
  name?: {
    readonly formatted?: string;
    readonly familyName?: string;
    readonly givenName?: string;
    readonly middleName?: string;
    readonly honorificPrefix?: string;
    readonly honorificSuffix?: string;
  };
  emails?: readonly MultiValue[];
  phoneNumbers?: readonly MultiValue[];
  ims?: readonly MultiValue[];
  photos?: readonly MultiValue[];
  addresses?: readonly {
    readonly formatted?: string;
    readonly streetAddress?: string;
    readonly locality?: string;
    readonly region?: string;
    readonly postalCode?: string;
    readonly country?: string;
    readonly type?: string;
    readonly primary?: boolean;
  }[];
  entitlements?: readonly MultiValue[];
  roles?: readonly MultiValue[];
  x509Certificates?: readonly MultiValue[];
  /**
   * The groups of the user, as `groupsOf` returns them; the library then does not call it for this user. Optional, and
   * only if the selection has `groups`. Never in what a store receives.
   */
  groups?: readonly GroupRef[];
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'?: EnterpriseUser;
  [extension: `urn:${string}`]: { readonly [attribute: string]: Json } | undefined;
}

/** A group as stored (RFC 7643 4.2), without `id` and `meta`. */
export interface Group {
  displayName: string;
  externalId?: string;
  /** Only if the selection has `members`. */
  members?: readonly Member[];
  [extension: `urn:${string}`]: { readonly [attribute: string]: Json } | undefined;
}

/** A value of `Group.members` (RFC 7643 4.2). */
export interface Member {
  /** ID of the resource. */
  readonly value: string;
  /** Name of the resource type: `User`, `Group`, or another that the router serves (RFC 9944 4). */
  readonly type?: string | undefined;
  readonly display?: string | undefined;
}
