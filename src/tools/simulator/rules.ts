/** An `error` hurts in production; a `warning` is repaired by the client, or costs it time only. */
export type Severity = 'error' | 'warning';

/** What becomes of the provisioning. */
export type Consequence =
  | 'set-up refused'
  | 'quarantine'
  | 'retried for ever'
  | 'duplicate'
  | 'drift'
  | 'access kept'
  | 'access missing'
  | 'record lost'
  | 'secret shown'
  | 'delay';

interface Rule {
  readonly severity: Severity;
  /** The section that says how it should be. */
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

/** What a server can do wrong in the eyes of a client, with what most clients do next. */
export const rules = {
  'no-answer': rule(
    'RFC 7644 3.1',
    'retried for ever',
    '{client} counts the request as failed and sends it again in the next cycle.',
  ),
  'server-error': rule(
    'RFC 7644 3.12',
    'retried for ever',
    '{client} takes a 5xx for a passing fault of the server and sends the same request again in each cycle.',
  ),
  throttled: rule(
    'RFC 6585 4',
    'delay',
    '{client} gives the request up for this cycle; many of them slow the provisioning down or stop it.',
  ),
  'throttled-blind': rule('RFC 6585 4', 'delay', '{client} is not told when to come back, and guesses.', 'warning'),
  unauthorized: rule(
    'RFC 7644 2',
    'set-up refused',
    '{client} refuses the credentials, and provisioning stops at once.',
  ),
  'wrong-key-accepted': rule(
    'RFC 7644 2',
    'secret shown',
    '{client} takes a wrong key for a right one; so may anybody who knows the address.',
  ),
  'wrong-type': rule(
    'RFC 7644 3.1',
    'set-up refused',
    '{client} may refuse to read the answer, because its Content-Type is not JSON.',
    'warning',
  ),
  'discovery-incomplete': rule(
    'RFC 7644 4',
    'set-up refused',
    '{client} cannot work out what the server offers, and refuses the set-up or takes defaults.',
  ),
  'not-a-list': rule(
    'RFC 7644 3.4.2',
    'set-up refused',
    '{client} cannot read the answer to its query and treats the query as failed.',
  ),
  'empty-match': rule(
    'RFC 7644 3.4.2',
    'set-up refused',
    '{client} takes the answer for a failure of the server and creates nobody.',
  ),
  'match-refused': rule(
    'RFC 7644 3.4.2.2',
    'set-up refused',
    '{client} cannot tell whether the resource exists, and leaves it alone.',
  ),
  'match-missed': rule(
    'RFC 7644 3.4.2.2',
    'duplicate',
    '{client} believes that the resource does not exist and creates it a second time.',
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
    'retried for ever',
    '{client} looks for the existing resource only after a 409; after another answer it sends the creation again.',
  ),
  'read-refused': rule(
    'RFC 7644 3.4.1',
    'duplicate',
    '{client} believes that the resource is gone and creates it again.',
  ),
  'read-wrong': rule('RFC 7644 3.4.1', 'duplicate', '{client} loses the link between its entry and the resource.'),
  'value-changed': rule(
    'RFC 7644 3.3',
    'drift',
    '{client} sees another value than its own and sends the attribute again in each cycle.',
  ),
  'update-refused': rule(
    'RFC 7644 3.5',
    'drift',
    '{client} keeps the update as failed and sends it again; the resource stays as it was.',
  ),
  'update-ignored': rule(
    'RFC 7644 3.5',
    'drift',
    '{client} takes the update for done while the old value stays, and sends it again when it compares.',
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
    '{client} cannot disable the account: who left the company keeps access.',
  ),
  'disable-ignored': rule(
    'RFC 7643 4.1.1',
    'access kept',
    '{client} believes that the account is disabled: who left the company keeps access.',
  ),
  'disabled-hidden': rule(
    'RFC 7644 3.4.1',
    'duplicate',
    '{client} no longer finds the disabled account; when the user comes back it creates a second one, or fails with a conflict.',
  ),
  'enable-refused': rule('RFC 7643 4.1.1', 'access missing', '{client} cannot enable the account of who came back.'),
  'enable-ignored': rule(
    'RFC 7643 4.1.1',
    'access missing',
    '{client} believes that the account is enabled: who came back has no access.',
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
    '{client} believes that the user is a member; nobody finds out that the user is not.',
  ),
  'member-kept': rule(
    'RFC 7644 3.5.2.2',
    'access kept',
    '{client} believes that the user was removed; the user keeps the rights of the group.',
  ),
  'members-shown': rule(
    'RFC 7644 3.9',
    'access missing',
    '{client} asked for the group without its members; a client that is shown them all the same has been seen to replace them.',
  ),
  'unknown-member-error': rule(
    'RFC 7644 3.12',
    'retried for ever',
    '{client} sends the same member again in each cycle, and the failures count against the whole job.',
  ),
  'retry-refused': rule(
    'RFC 7644 3.5.2.1',
    'retried for ever',
    '{client} repeats what it is not sure of; a repetition that is refused is repeated again.',
  ),
  'cycle-writes': rule('RFC 7644 3.3', 'drift', '{client} writes in each cycle though nothing has changed.'),
  'version-moves': rule(
    'RFC 7644 3.14',
    'drift',
    '{client} reads only, and yet the version or lastModified moves: whoever compares them sees a change in each cycle.',
  ),
  'page-unstable': rule(
    'RFC 7644 3.4.2.4',
    'duplicate',
    '{client} imports some resources twice and others never; those it misses it takes for deleted.',
  ),
  'secret-shown': rule(
    'RFC 7643 4.1.1',
    'secret shown',
    '{client} does not mind, but a password must never be returned.',
  ),
} as const satisfies Readonly<Record<string, Rule>>;

/** Name of a rule, for programs: it stays the same between releases. */
export type RuleId = keyof typeof rules;
