/** A rule as the form holds it, and as the server takes it; pure. */
import type { Action, Condition, OverflowRule, RuleOut } from '../../../api/types';

export type ActionKind = keyof Action;
export type Metric = Condition['metric'];
export type Actions = { readonly [K in ActionKind]-?: NonNullable<Action[K]> };

/** The form keeps what was written for each action, so that trying another one loses nothing. */
export interface RuleForm extends Omit<OverflowRule, 'do'> {
  readonly kind: ActionKind;
  readonly actions: Actions;
}

export const ACTION_KINDS: readonly ActionKind[] = [
  'withdraw',
  'redirect',
  'prioritise',
  'add_members',
  'penalty',
  'variable',
  'database',
  'lamp',
];
const FOR_A_CALLER: readonly ActionKind[] = ['withdraw', 'redirect', 'prioritise'];

/** On while the rule holds and undone after, not done once for a caller. */
export const lasts = (kind: ActionKind): boolean => !FOR_A_CALLER.includes(kind);

const CALLER_METRICS: readonly Metric[] = [
  'time_left',
  'waited',
  'waited_in_queue',
  'position',
  'expected_wait',
  'miss_probability',
  'caller',
  'inputs',
  'voice_server',
];
const QUEUE_METRICS: readonly Metric[] = [
  'waiting',
  'longest_wait',
  'agents_available',
  'agents_logged_in',
  'agents_paused',
  'service_level',
  'open',
];
const SPANS: readonly Metric[] = [
  'waited',
  'waited_in_queue',
  'time_left',
  'expected_wait',
  'longest_wait',
];
const SHARES: readonly Metric[] = ['miss_probability', 'service_level'];
const WORDS: readonly Metric[] = ['caller', 'inputs', 'voice_server'];

export type Unit = 'seconds' | 'share' | 'count' | 'words' | 'yes_or_no';

export function unitOf(metric: Metric): Unit {
  if (SPANS.includes(metric)) return 'seconds';
  if (SHARES.includes(metric)) return 'share';
  if (WORDS.includes(metric)) return 'words';
  return metric === 'open' ? 'yes_or_no' : 'count';
}

/** What a condition of such a rule can look at: what lasts watches the queue, not one caller. */
export const metricsFor = (
  kind: ActionKind,
): { caller: readonly Metric[]; queue: typeof QUEUE_METRICS } => ({
  caller: lasts(kind) ? [] : CALLER_METRICS,
  queue: QUEUE_METRICS,
});

const EMPTY: Actions = {
  withdraw: { context: '', exten: 's', priority: 1, queue: '' },
  redirect: { context: '', exten: 's', priority: 1, queue: '' },
  prioritise: 10,
  add_members: [{ interface: '', name: '', penalty: 0, state_interface: '' }],
  penalty: { interfaces: [], penalty: 0 },
  variable: { name: '', on: '1', off: '0' },
  database: { family: '', key: '', on: '1', off: '' },
  lamp: { name: '', on: 'INUSE', off: 'NOT_INUSE' },
};

const DEFAULTS: Omit<OverflowRule, 'id' | 'do'> = {
  name: '',
  enabled: false,
  dry_run: true,
  priority: 100,
  pbx: '',
  how: 'tell',
  queues: [],
  voice_servers: [],
  active: [],
  when: [],
  cool_down: 30,
  at_most: 20,
  per: 60,
  hops: 2,
  only_if_better: true,
};

/** A new rule: a draft, which does nothing. */
export const NEW_RULE: RuleForm = {
  ...DEFAULTS,
  id: '',
  kind: 'withdraw',
  actions: EMPTY,
  when: [emptyCondition('time_left')],
};

export function emptyCondition(metric: Metric): Condition {
  return {
    metric,
    at_least: null,
    at_most: null,
    release_below: null,
    release_above: null,
    one_of: [],
    none_of: [],
    ...(metric === 'open' ? { at_least: 1 } : {}),
  };
}

export function kindOf(action: Action): ActionKind {
  return ACTION_KINDS.find((kind) => action[kind] != null) ?? 'withdraw';
}

export function toForm(rule: OverflowRule | RuleOut): RuleForm {
  const { do: action } = rule;
  return {
    id: rule.id,
    name: rule.name,
    enabled: rule.enabled,
    dry_run: rule.dry_run,
    priority: rule.priority,
    pbx: rule.pbx,
    how: rule.how,
    queues: rule.queues,
    voice_servers: rule.voice_servers,
    active: rule.active,
    when: rule.when.map((condition) => ({ ...emptyCondition(condition.metric), ...condition })),
    cool_down: rule.cool_down,
    at_most: rule.at_most,
    per: rule.per,
    hops: rule.hops,
    only_if_better: rule.only_if_better,
    kind: kindOf(action),
    actions: { ...EMPTY, ...withoutNulls(action) },
  };
}

/** What is sent: only what the chosen action and each metric can have. */
export function toBody(form: RuleForm): OverflowRule {
  const { kind, actions, ...rest } = form;
  return {
    ...rest,
    id: form.id.trim(),
    how: kind === 'withdraw' ? form.how : 'tell',
    voice_servers: kind === 'redirect' ? form.voice_servers : [],
    when: form.when.map((condition) => conditionBody(condition, lasts(kind))),
    do: { [kind]: actions[kind] } as Action,
  };
}

function conditionBody(condition: Condition, lasting: boolean): Condition {
  const unit = unitOf(condition.metric);
  const { metric, one_of, none_of, at_least, at_most } = condition;
  if (unit === 'words') return { metric, one_of, none_of };
  const { release_below, release_above } = condition;
  return {
    metric,
    one_of: [],
    none_of: [],
    at_least: at_least ?? null,
    at_most: at_most ?? null,
    release_below: lasting && at_least != null ? (release_below ?? null) : null,
    release_above: lasting && at_most != null ? (release_above ?? null) : null,
  };
}

function withoutNulls(action: Action): Partial<Actions> {
  return Object.fromEntries(Object.entries(action).filter(([, value]) => value != null));
}

/** A name for programs from a name for people: `Trop d’attente` → `trop-d-attente`. */
export function slug(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}

export type RuleState = 'draft' | 'dry_run' | 'armed' | 'paused';

/** Where a rule stands in the safe order. */
export function stateOf(rule: Pick<OverflowRule, 'enabled' | 'dry_run'>): RuleState {
  if (rule.enabled) return rule.dry_run ? 'dry_run' : 'armed';
  return rule.dry_run ? 'draft' : 'paused';
}

export const IN_STATE: Record<RuleState, Pick<OverflowRule, 'enabled' | 'dry_run'>> = {
  draft: { enabled: false, dry_run: true },
  dry_run: { enabled: true, dry_run: true },
  armed: { enabled: true, dry_run: false },
  paused: { enabled: false, dry_run: false },
};

/** A backtest needs callers who are moved; the others leave no trace in the record. */
export const canBeTested = (kind: ActionKind): boolean =>
  kind === 'withdraw' || kind === 'redirect';
