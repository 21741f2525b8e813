/** What the settings ask the API for, with the keys under which it is kept. */
import { client, unwrap } from '../../api/client';
import type {
  CalendarItem,
  CalendarSettings,
  CentreSettings,
  CommitmentSettings,
  OverflowRule,
  PbxIn,
  PbxItem,
  PbxTest,
  QueueItem,
  QueueSettings,
  RuleOut,
  Settings,
  Simulation,
  TeamItem,
  TeamSettings,
  VoiceServerItem,
  VoiceServerSettings,
} from '../../api/types';

export const rulesKey = ['overflow', 'rules'] as const;
export const versionsKey = (id: string) => ['overflow', 'versions', id] as const;
export const decisionsKey = (id: string) => ['overflow', 'decisions', id] as const;
export const commandsKey = (id: string) => ['overflow', 'commands', id] as const;
export const activityKey = ['overflow', 'activity'] as const;

const ofRule = (rule_id: string) => ({ path: { rule_id } });
const ifMatch = (version: number) => ({ 'if-match': `"${version}"` });

export const overflowRules = async (): Promise<readonly RuleOut[]> =>
  (await unwrap(client.GET('/api/v1/overflow/rules'))).items;

export const createRule = (body: OverflowRule): Promise<RuleOut> =>
  unwrap(client.POST('/api/v1/overflow/rules', { body }));

export const changeRule = (body: OverflowRule, version: number): Promise<RuleOut> =>
  unwrap(
    client.PUT('/api/v1/overflow/rules/{rule_id}', {
      params: { ...ofRule(body.id), header: ifMatch(version) },
      body,
    }),
  );

export async function deleteRule(id: string, version: number): Promise<void> {
  await unwrap(
    client.DELETE('/api/v1/overflow/rules/{rule_id}', {
      params: { ...ofRule(id), header: ifMatch(version) },
    }),
  );
}

export const forceRule = (id: string, on: boolean | null): Promise<RuleOut> =>
  unwrap(
    client.POST('/api/v1/overflow/rules/{rule_id}/force', { params: ofRule(id), body: { on } }),
  );

export const ruleVersions = async (id: string) =>
  (await unwrap(client.GET('/api/v1/overflow/rules/{rule_id}/versions', { params: ofRule(id) })))
    .items;

export const ruleDecisions = async (rule: string, limit: number) =>
  (await unwrap(client.GET('/api/v1/overflow/decisions', { params: { query: { rule, limit } } })))
    .items;

export const ruleCommands = async (rule: string, limit: number) =>
  (await unwrap(client.GET('/api/v1/overflow/commands', { params: { query: { rule, limit } } })))
    .items;

export const simulate = (
  rule: OverflowRule,
  from: Date,
  to: Date,
  limit: number,
): Promise<Simulation> =>
  unwrap(
    client.POST('/api/v1/overflow/simulations', {
      body: { rule, from: from.toISOString(), to: to.toISOString(), limit },
    }),
  );

export const turnSwitch = (on: boolean, note: string) =>
  unwrap(client.PUT('/api/v1/overflow/switch', { body: { on, note } }));

export const ruleActivity = async () =>
  (await unwrap(client.GET('/api/v1/overflow/activity'))).items;

export const settingsKey = ['settings'] as const;

export const allSettings = (): Promise<Settings> => unwrap(client.GET('/api/v1/settings'));

const PATHS = {
  pbx: '/api/v1/settings/pbxs',
  queue: '/api/v1/settings/queues',
  voice_server: '/api/v1/settings/voice-servers',
  calendar: '/api/v1/settings/calendars',
  team: '/api/v1/settings/teams',
} as const;

export type Many = keyof typeof PATHS;

export interface BodyOf {
  pbx: PbxIn;
  queue: QueueSettings;
  voice_server: VoiceServerSettings;
  calendar: CalendarSettings;
  team: TeamSettings;
}

export interface ItemOf {
  pbx: PbxItem;
  queue: QueueItem;
  voice_server: VoiceServerItem;
  calendar: CalendarItem;
  team: TeamItem;
}

/** The routes of all kinds have one form, which their types do not know. */
type AnyClient = Record<
  'POST' | 'PUT' | 'DELETE',
  (path: string, options: object) => Promise<{ data?: never; response: Response }>
>;
const any = client as unknown as AnyClient;

export function saveItem<K extends Many>(
  kind: K,
  id: string | null,
  body: BodyOf[K],
  version: number | null,
): Promise<ItemOf[K]> {
  if (id === null || version === null) return unwrap(any.POST(PATHS[kind], { body }));
  const params = { path: { item_id: id }, header: ifMatch(version) };
  return unwrap(any.PUT(`${PATHS[kind]}/{item_id}`, { params, body }));
}

export async function deleteItem(kind: Many, id: string, version: number): Promise<void> {
  const params = { path: { item_id: id }, header: ifMatch(version) };
  await unwrap(any.DELETE(`${PATHS[kind]}/{item_id}`, { params }));
}

export const saveCommitment = (body: CommitmentSettings, version: number) =>
  unwrap(client.PUT('/api/v1/settings/commitment', { params: { header: ifMatch(version) }, body }));

export const saveCentre = (body: CentreSettings, version: number) =>
  unwrap(client.PUT('/api/v1/settings/centre', { params: { header: ifMatch(version) }, body }));

export const holidaysOf = (country: string, subdivision: string, year: number) =>
  unwrap(
    client.GET('/api/v1/settings/holidays', { params: { query: { country, subdivision, year } } }),
  );

export const discovered = () => unwrap(client.GET('/api/v1/settings/discovered'));

export const testPbx = (body: PbxIn): Promise<PbxTest> =>
  unwrap(client.POST('/api/v1/settings/pbxs/test', { body }));

export interface ChangeQuery {
  readonly limit: number;
  readonly kind?: string;
  readonly by?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

export const changesPage = (query: ChangeQuery) =>
  unwrap(client.GET('/api/v1/settings/changes', { params: { query } }));

export const undoChange = (seq: number) =>
  unwrap(client.POST('/api/v1/settings/changes/{seq}/undo', { params: { path: { seq } } }));

export const importSettings = (
  toml: string,
  { dryRun, removeMissing }: { dryRun: boolean; removeMissing: boolean },
) =>
  unwrap(
    client.POST('/api/v1/settings/import', {
      body: { toml, dry_run: dryRun, remove_missing: removeMissing },
    }),
  );
