/** What the settings ask the API for, with the keys under which it is kept. */
import { client, unwrap } from '../../api/client';
import type { OverflowRule, RuleOut, Simulation } from '../../api/types';

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
