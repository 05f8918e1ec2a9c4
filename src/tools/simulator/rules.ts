/** An `error` breaks provisioning; after a `warning` the client recovers by itself, or only loses time. */
export type Severity = 'error' | 'warning';

/** The effect on provisioning. */
export type Consequence =
  | 'setup refused'
  | 'quarantine'
  | 'retried forever'
  | 'duplicate'
  | 'drift'
  | 'access kept'
  | 'access missing'
  | 'record lost'
  | 'secret exposed'
  | 'delay';

interface Rule {
  readonly severity: Severity;
  /** The section that defines the correct behavior. */
  readonly reference: string;
  readonly consequence: Consequence;
  /** `{client}` is the name of the client. */
  readonly next: string;
}

const rule = (reference: string, consequence: Consequence, next: string, severity: Severity = 'error'): Rule => ({
  severity,
  reference,
  consequence,
  next,
});

/** What a server can do wrong for a client, and what most clients do next. */
export const rules = {
  'no-response': rule(
    'RFC 7644 3.1',
    'retried forever',
    '{client} counts the request as failed and sends it again in the next cycle.',
  ),
  'server-error': rule(
    'RFC 7644 3.12',
    'retried forever',
    '{client} treats a 5xx as a temporary failure of the server and sends the same request again in each cycle.',
  ),
  throttled: rule(
    'RFC 6585 4',
    'delay',
    '{client} gives up on the request for this cycle; many of them slow provisioning down or stop it.',
  ),
  'throttled-no-retry-after': rule(
    'RFC 6585 4',
    'delay',
    '{client} does not know when to retry, and guesses.',
    'warning',
  ),
  unauthorized: rule(
    'RFC 7644 2',
    'setup refused',
    '{client} reports invalid credentials, and provisioning stops at once.',
  ),
  'wrong-key-accepted': rule(
    'RFC 7644 2',
    'secret exposed',
    '{client} accepts a wrong key as valid; anybody who knows the address can read and write users.',
  ),
  'wrong-type': rule(
    'RFC 7644 3.1',
    'setup refused',
    '{client} may refuse to read the response, because its Content-Type is not JSON.',
    'warning',
  ),
  'discovery-incomplete': rule(
    'RFC 7644 4',
    'setup refused',
    '{client} cannot determine what the server supports, and refuses the setup or uses defaults.',
  ),
  'not-a-list': rule(
    'RFC 7644 3.4.2',
    'setup refused',
    '{client} cannot read the response to its query and treats the query as failed.',
  ),
  'empty-match': rule(
    'RFC 7644 3.4.2',
    'setup refused',
    '{client} treats the response as a failure of the server and creates no users.',
  ),
  'match-refused': rule(
    'RFC 7644 3.4.2.2',
    'setup refused',
    '{client} cannot determine whether the resource exists, and does not provision it.',
  ),
  'match-missed': rule(
    'RFC 7644 3.4.2.2',
    'duplicate',
    '{client} concludes that the resource does not exist and creates it a second time.',
  ),
  'match-wrong': rule(
    'RFC 7644 3.4.2.2',
    'duplicate',
    '{client} links its entry to the wrong resource, or to none because several match.',
  ),
  'create-refused': rule(
    'RFC 7644 3.3',
    'access missing',
    '{client} reports the entry as failed and tries again later.',
  ),
  'create-unreadable': rule(
    'RFC 7644 3.3',
    'duplicate',
    '{client} does not learn the id, so that it looks for the resource again or creates it a second time.',
  ),
  'conflict-accepted': rule(
    'RFC 7644 3.3',
    'duplicate',
    '{client} owns two resources for one entry after a retried request, and updates only one of them.',
  ),
  'conflict-unclear': rule(
    'RFC 7644 3.3',
    'retried forever',
    '{client} looks for the existing resource only after a 409; after another response it sends the creation again.',
  ),
  'read-refused': rule('RFC 7644 3.4.1', 'duplicate', '{client} treats the resource as deleted and creates it again.'),
  'read-wrong': rule('RFC 7644 3.4.1', 'duplicate', '{client} loses the link between its entry and the resource.'),
  'value-changed': rule(
    'RFC 7644 3.3',
    'drift',
    '{client} sees another value than its own and sends the attribute again in each cycle.',
  ),
  'update-refused': rule(
    'RFC 7644 3.5',
    'drift',
    '{client} records the update as failed and sends it again; the resource stays unchanged.',
  ),
  'update-ignored': rule(
    'RFC 7644 3.5',
    'drift',
    '{client} treats the update as done while the old value remains, and sends it again when it compares.',
  ),
  'manager-refused': rule('RFC 7643 4.3', 'drift', '{client} sends the manager again in each cycle.'),
  'manager-wrong': rule(
    'RFC 7643 4.3',
    'drift',
    '{client} does not find the manager that it sent, and sends the manager again in each cycle.',
  ),
  'disable-refused': rule(
    'RFC 7643 4.1.1',
    'access kept',
    '{client} cannot disable the account: a user who left keeps access.',
  ),
  'disable-ignored': rule(
    'RFC 7643 4.1.1',
    'access kept',
    '{client} treats the account as disabled: a user who left keeps access.',
  ),
  'disabled-hidden': rule(
    'RFC 7644 3.4.1',
    'duplicate',
    '{client} no longer finds the disabled account; when the user returns it creates a second one, or fails with a conflict.',
  ),
  'enable-refused': rule(
    'RFC 7643 4.1.1',
    'access missing',
    '{client} cannot enable the account of a user who returned.',
  ),
  'enable-ignored': rule(
    'RFC 7643 4.1.1',
    'access missing',
    '{client} treats the account as enabled: a user who returned has no access.',
  ),
  'delete-refused': rule(
    'RFC 7644 3.6',
    'access kept',
    '{client} cannot delete the resource and tries again in each cycle.',
  ),
  'delete-ignored': rule('RFC 7644 3.6', 'record lost', '{client} forgets a resource that is still there.'),
  'membership-refused': rule(
    'RFC 7644 3.5.2',
    'access missing',
    '{client} reports the membership as failed and sends it again later.',
  ),
  'member-missing': rule(
    'RFC 7644 3.5.2.1',
    'access missing',
    '{client} treats the user as a member, and never checks.',
  ),
  'member-kept': rule(
    'RFC 7644 3.5.2.2',
    'access kept',
    '{client} treats the user as removed; the user keeps the permissions of the group.',
  ),
  'members-shown': rule(
    'RFC 7644 3.9',
    'access missing',
    '{client} asked for the group without its members; clients that receive them anyway have been observed to replace them.',
  ),
  'unknown-member-error': rule(
    'RFC 7644 3.12',
    'retried forever',
    '{client} sends the same member again in each cycle, and the failures count against the whole job.',
  ),
  'retry-refused': rule(
    'RFC 7644 3.5.2.1',
    'retried forever',
    '{client} repeats requests whose outcome is unknown; when the repetition is rejected, it repeats it again.',
  ),
  'cycle-writes': rule('RFC 7644 3.3', 'drift', '{client} writes in each cycle though nothing has changed.'),
  'version-moves': rule(
    'RFC 7644 3.14',
    'drift',
    '{client} only reads, but the version or lastModified changes: clients that compare them see a change in each cycle.',
  ),
  'page-unstable': rule(
    'RFC 7644 3.4.2.4',
    'duplicate',
    '{client} imports some resources twice and others never, and treats missing ones as deleted.',
  ),
  'secret-shown': rule(
    'RFC 7643 4.1.1',
    'secret exposed',
    '{client} ignores it, but a password must never be returned.',
  ),
} as const satisfies Readonly<Record<string, Rule>>;

/** ID of a rule, for programs: it stays the same between releases. */
export type RuleId = keyof typeof rules;
