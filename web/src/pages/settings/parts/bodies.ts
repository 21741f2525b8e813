/** Bodies as the forms hold them, and as the server takes them; pure. */
import type {
  CalendarSettings,
  CentreSettings,
  CommitmentSettings,
  PbxIn,
  PbxItem,
  QueueSettings,
  VoiceServerSettings,
} from '../../../api/types';

export type Formula = CommitmentSettings['service_level'];
export const FORMULAS: readonly Formula[] = [
  'abandoned_within_count_for',
  'answered_only',
  'abandoned_count_against',
  'abandoned_within_left_out',
  'short_abandoned_count_for',
];

/** Without what says nothing: a key without a value takes its default. */
export function withoutNulls<T extends object>(body: T): T {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value != null)) as T;
}

/** The moment at which a caller is at risk, where nobody said it. */
export const AT_RISK_SHARE = 0.75;

export const NEW_QUEUE: QueueSettings = {
  name: '',
  pbx: '',
  label: '',
  within: null,
  at_risk_after: null,
  target: null,
  service_level: null,
  calendar: '',
};

export const queueForm = (body: QueueSettings): QueueSettings => ({ ...NEW_QUEUE, ...body });

/** A queue's id: `PBX:name` where it is one PBX's. */
export const queueId = (pbx: string, name: string): string =>
  pbx === '' ? name : `${pbx}:${name}`;

export const commitmentForm = (body: CommitmentSettings): CommitmentSettings => ({
  ...body,
  at_risk_after: body.at_risk_after ?? null,
  target: body.target ?? null,
});

/** The welcome's contexts say something only where the clock starts at its end. */
export const commitmentBody = (form: CommitmentSettings): CommitmentSettings =>
  withoutNulls({
    ...form,
    welcome_contexts: form.starts_on === 'welcome_end' ? form.welcome_contexts : [],
  });

export const centreForm = (body: CentreSettings): CentreSettings => ({ ...body });

export const NEW_VOICE_SERVER: VoiceServerSettings = {
  name: '',
  contexts: [],
  stasis_apps: [],
  counts_when: 'reached',
};

export const NEW_CALENDAR: CalendarSettings = {
  name: '',
  hours: [{ days: ['mon-fri'], from: '09:00', to: '18:00' }],
  holidays: '',
  subdivision: '',
  holidays_hours: [],
  closed: [],
  open: [],
};

export const calendarForm = (body: CalendarSettings): CalendarSettings => ({
  ...NEW_CALENDAR,
  ...body,
});

/** What belongs to a country goes with it. */
export const calendarBody = (form: CalendarSettings): CalendarSettings =>
  form.holidays === '' ? { ...form, subdivision: '', holidays_hours: [] } : form;

type Ari = NonNullable<PbxIn['ari']>;
type Tls = NonNullable<PbxIn['tls']>;

/** The parts that can be left out keep what was typed while they are switched off. */
export interface PbxForm extends Omit<PbxIn, 'secret' | 'ari' | 'tls'> {
  readonly secret: string;
  readonly useTls: boolean;
  readonly tls: Tls;
  readonly useAri: boolean;
  readonly ari: Omit<Ari, 'password'> & { readonly password: string };
}

export const NEW_PBX: PbxForm = {
  name: '',
  host: '',
  port: 5038,
  username: 'minuteur',
  secret: '',
  incoming_contexts: [],
  queue_log: '',
  useTls: false,
  tls: { ca_file: '', server_name: '', verify: true },
  useAri: false,
  ari: { url: '', username: 'minuteur', password: '', app: 'minuteur' },
};

export function pbxForm(body: PbxItem['body']): PbxForm {
  const { tls, ari, ...rest } = body;
  return {
    ...NEW_PBX,
    ...rest,
    secret: '',
    useTls: tls != null,
    tls: tls ?? NEW_PBX.tls,
    useAri: ari != null,
    ari: { ...NEW_PBX.ari, ...ari, password: '' },
  };
}

/** A secret that was not typed is left out: the stored one stays. */
export function pbxBody(form: PbxForm): PbxIn {
  const { useTls, useAri, tls, ari, secret, ...rest } = form;
  const { password, ...open } = ari;
  return {
    ...rest,
    ...(secret === '' ? {} : { secret }),
    ...(useTls ? { tls } : {}),
    ...(useAri ? { ari: { ...open, ...(password === '' ? {} : { password }) } } : {}),
  } as PbxIn;
}

/** The stored secrets, by field, that do not go with what the form says: they are typed anew. */
export function secretsAnew(form: PbxForm, item: PbxItem | null): readonly string[] {
  if (item === null) return [];
  const { body, has_secret } = item;
  const found: string[] = [];
  const moved = (['host', 'port', 'username'] as const).some((name) => form[name] !== body[name]);
  if (moved && form.secret === '' && has_secret.secret) found.push('secret');
  const { ari } = form;
  const ariMoved = ari.url !== body.ari?.url || ari.username !== body.ari?.username;
  if (form.useAri && ariMoved && ari.password === '' && has_secret['ari.password']) {
    found.push('ari.password');
  }
  return found;
}
