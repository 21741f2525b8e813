/** What the pages of contacts ask the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';
import { type Filters, queryOf } from './filters';

type Schemas = components['schemas'];
export type Contact = Schemas['ContactOut'];
export type ContactDetail = Schemas['ContactDetailOut'];
export type ContactPage = Schemas['ContactPageOut'];
export type ContactVersion = Schemas['ContactVersion'];
export type ContactCounts = Schemas['ContactCountsOut'];
export type OpenContacts = Schemas['OpenContacts'];
export type ContactFigures = Schemas['ContactFiguresOut'];
export type ContactTally = Schemas['ContactTallyOut'];
export type Satisfaction = Schemas['SatisfactionFiguresOut'];
export type SatisfactionPart = Schemas['SatisfactionOut'];
export type Scale = Schemas['ScaleOut'];
export type Channel = Contact['channel'];
export type Excluding = NonNullable<Schemas['ContactPatch']['excluded']>;
export type NewContact = Omit<Schemas['ContactNew'], 'source' | 'team'>;
/** What is to change; what is left out stays. */
export type Patch = Partial<Schemas['ContactPatch']>;

const PAGE = 50;

/** All that is read of contacts is kept below this: one change makes all of it old. */
export const contactsKey = ['contacts'] as const;
export const listKey = (filters: string) => [...contactsKey, 'list', filters] as const;
export const countsKey = [...contactsKey, 'counts'] as const;
export const contactKey = (id: string) => [...contactsKey, 'one', id] as const;

/** As JSON, since no other format is asked for. */
export const listPage = (filters: Filters, zone: string, cursor: string | null) =>
  unwrap(
    client.GET('/api/v1/contacts', {
      params: {
        query: {
          ...Object.fromEntries(queryOf(filters, Date.now(), zone)),
          limit: PAGE,
          ...(cursor === null ? {} : { cursor }),
        },
      },
    }),
  ) as Promise<ContactPage>;

export const exportUrl = (filters: Filters, zone: string): string => {
  const query = queryOf(filters, Date.now(), zone);
  query.set('format', 'csv');
  return `/api/v1/contacts?${query}`;
};

export const counts = (): Promise<ContactCounts> => unwrap(client.GET('/api/v1/contacts/counts'));

const ofContact = (contact_id: string) => ({ path: { contact_id } });

export const oneContact = (id: string): Promise<ContactDetail> =>
  unwrap(client.GET('/api/v1/contacts/{contact_id}', { params: ofContact(id) }));

export const changeContact = (id: string, version: number, patch: Patch): Promise<ContactDetail> =>
  unwrap(
    client.PATCH('/api/v1/contacts/{contact_id}', {
      params: ofContact(id),
      body: { calendar: '', ...patch, version },
    }),
  );

export const registerContact = (body: NewContact): Promise<Contact> =>
  unwrap(client.POST('/api/v1/contacts', { body: { source: '', team: '', ...body } }));

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly queue: string | null;
  readonly pbx: string | null;
}

const query = ({ from, to, queue, pbx }: Span) => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  ...(queue === null ? {} : { queue }),
  ...(pbx === null ? {} : { pbx }),
});

export const figuresKey = (asked: Span) => [...contactsKey, 'figures', asked] as const;
export const figures = (asked: Span, signal: AbortSignal): Promise<ContactFigures> =>
  unwrap(client.GET('/api/v1/contacts/indicators', { params: { query: query(asked) }, signal }));

export const satisfactionKey = (asked: Span) => ['satisfaction', asked] as const;
export const satisfaction = (asked: Span, signal: AbortSignal): Promise<Satisfaction> =>
  unwrap(
    client.GET('/api/v1/indicators/satisfaction', { params: { query: query(asked) }, signal }),
  );
