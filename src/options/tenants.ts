import type { IncomingMessage } from 'node:http';
import { describe } from '../contract/describe.js';
import { isObject } from '../contract/is-object.js';
import { withoutUndefined } from '../contract/without-undefined.js';
import type { ScimRouterOptions, TenantConfiguration, TenantOptions } from '../options.js';
import { defaultExtensions } from './extensions.js';
import { Mistakes } from './mistakes.js';

/** `options.tenants` with its defaults. */
export type ParsedTenantOptions = Required<{
  readonly [option in keyof TenantOptions]: NonNullable<TenantOptions[option]>;
}>;

const page = 'options.md#tenants';
const defaults = { size: 200, maxAgeMilliseconds: 60_000 } as const;

export function readTenants(value: unknown, mistakes: Mistakes): ParsedTenantOptions | undefined {
  // Another kind is a mistake that is already named.
  if (!isObject(value)) return undefined;
  mistakes.expectNames(Object.keys(value), ['configurationOf', ...Object.keys(defaults)], 'tenants.', page);
  const { configurationOf, size = defaults.size, maxAgeMilliseconds = defaults.maxAgeMilliseconds } = value;
  if (typeof configurationOf !== 'function') {
    mistakes.add('tenants.configurationOf must be a function: (tenant) => its configuration, or undefined.', page);
  }
  for (const [name, number] of Object.entries({ size, maxAgeMilliseconds })) {
    if (Number.isSafeInteger(number) && Number(number) >= 1) continue;
    mistakes.add(`tenants.${name} must be a positive integer.`, page);
  }
  return { configurationOf, size, maxAgeMilliseconds } as ParsedTenantOptions;
}

/** What a tenant can have of its own. */
const tenantOptionNames = Object.keys({
  extensions: true,
  quirks: true,
  limits: true,
  strict: true,
  access: true,
} satisfies Readonly<Record<keyof TenantConfiguration, true>>);

/**
 * The options of the router with those of one tenant in their place, for `parseOptions`.
 *
 * @param configuration whatever `configurationOf` returned, neither undefined nor null
 * @throws TypeError for what is no object, or has an option that tenants do not have
 */
export function optionsOfTenant<Req extends IncomingMessage>(
  options: ScimRouterOptions<Req>,
  configuration: unknown,
): ScimRouterOptions<Req> {
  const mistakes = new Mistakes();
  if (!isObject(configuration)) {
    const remedy = 'Return an object with extensions, quirks, limits, strict or access, or undefined.';
    mistakes.add(`tenants.configurationOf returned ${describe(configuration)}. ${remedy}`, page);
    throw mistakes.toError();
  }
  mistakes.expectNames(Object.keys(configuration), tenantOptionNames, '', page);
  if (!mistakes.none) throw mistakes.toError();
  const { extensions, quirks, limits, ...others }: TenantConfiguration = configuration;
  return {
    ...options,
    ...withoutUndefined(others),
    extensions: merged(options.extensions ?? { ...defaultExtensions }, extensions),
    quirks: merged(options.quirks, quirks),
    limits: merged(options.limits, limits),
  };
}

/** One object over another one. What is no object stays as it is, for the parser to name it. */
function merged<T extends object>(base: T | undefined, own: T | undefined): T | undefined {
  if (own === undefined) return base;
  return isObject(own) && base !== undefined ? { ...base, ...withoutUndefined(own) } : own;
}
