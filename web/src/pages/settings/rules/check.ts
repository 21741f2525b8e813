/** What is missing or impossible in a rule, before it is sent; the server checks all the rest. */
import type { Condition } from '../../../api/types';
import { checkSpans, type SpanComplaint } from '../parts/days';
import { lasts, type RuleForm, unitOf } from './body';

/** Keys below `settings.check`. */
export type Complaint =
  | SpanComplaint
  | 'missing'
  | 'slug'
  | 'limits'
  | 'patterns'
  | 'above'
  | 'release_below'
  | 'release_above'
  | 'queues'
  | 'voice_servers'
  | 'same_queue'
  | 'always';

/** By the path that the server would name. */
export function checkRule(form: RuleForm): Record<string, Complaint> {
  const found: Record<string, Complaint> = {};
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(form.id.trim())) found.id = 'slug';
  Object.assign(found, checkAction(form));
  if (form.kind === 'redirect') {
    if (form.voice_servers.length === 0) found.voice_servers = 'voice_servers';
  } else if (form.queues.length === 0) found.queues = 'queues';
  if (form.kind === 'withdraw' && form.queues.includes(form.actions.withdraw.queue)) {
    found.queues = 'same_queue';
  }
  if (form.when.length === 0 && form.active.length === 0) found.when = 'always';
  Object.assign(found, checkSpans('active', form.active));
  form.when.forEach((condition, n) => {
    for (const [field, complaint] of Object.entries(checkCondition(condition, lasts(form.kind)))) {
      found[`when.${n}.${field}`] = complaint;
    }
  });
  return found;
}

function checkAction({ kind, actions }: RuleForm): Record<string, Complaint> {
  const needed: [string, string][] = [];
  if (kind === 'withdraw' || kind === 'redirect') needed.push(['context', actions[kind].context]);
  if (kind === 'variable') needed.push(['name', actions.variable.name]);
  if (kind === 'lamp') needed.push(['name', actions.lamp.name]);
  if (kind === 'database') {
    needed.push(['family', actions.database.family], ['key', actions.database.key]);
  }
  if (kind === 'penalty') needed.push(['interfaces', actions.penalty.interfaces.join('')]);
  if (kind === 'add_members') {
    actions.add_members.forEach((one, n) => {
      needed.push([`${n}.interface`, one.interface]);
    });
  }
  return Object.fromEntries(
    needed
      .filter(([, value]) => value.trim() === '')
      .map(([field]) => [`do.${kind}.${field}`, 'missing' as const]),
  );
}

function checkCondition(condition: Condition, lasting: boolean): Record<string, Complaint> {
  const { at_least, at_most, release_below, release_above } = condition;
  if (unitOf(condition.metric) === 'words') {
    return condition.one_of.length + condition.none_of.length > 0 ? {} : { one_of: 'patterns' };
  }
  if (at_least == null && at_most == null) return { at_least: 'limits' };
  if (at_least != null && at_most != null && at_most < at_least) return { at_most: 'above' };
  if (!lasting) return {};
  const found: Record<string, Complaint> = {};
  if (at_least != null && release_below != null && release_below > at_least) {
    found.release_below = 'release_below';
  }
  if (at_most != null && release_above != null && release_above < at_most) {
    found.release_above = 'release_above';
  }
  return found;
}
