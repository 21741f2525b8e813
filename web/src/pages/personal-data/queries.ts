/** What the page of personal data asks the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type PersonalData = Schemas['PersonalDataOut'];
export type PersonalKind = Schemas['PersonalKindOut'];
export type KindName = PersonalKind['kind'];
export type Held = Schemas['SubjectOut'];
export type Erased = Schemas['ErasureOut'];
export type Retention = Schemas['Retention'];

export const personalKey = ['personal-data'] as const;

export const personalData = (): Promise<PersonalData> =>
  unwrap(client.GET('/api/v1/personal-data'));

/** The number goes in the body: no address, and no log of addresses, holds it. */
export const heldOf = (number: string): Promise<Held> =>
  unwrap(client.POST('/api/v1/personal-data/subject', { body: { number } }));

export const erase = (number: string, reason: string, dry_run: boolean): Promise<Erased> =>
  unwrap(client.POST('/api/v1/personal-data/erasure', { body: { number, reason, dry_run } }));

export const purgeNow = () => unwrap(client.POST('/api/v1/personal-data/purge'));

export const saveRetention = (body: Retention, version: number) =>
  unwrap(
    client.PUT('/api/v1/settings/retention', {
      params: { header: { 'if-match': `"${version}"` } },
      body,
    }),
  );
