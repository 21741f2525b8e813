import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RuleOut } from '../../../api/types';
import { useFormat } from '../../../format/use-format';
import { Card } from '../../../ui/form/Section';
import { useQueueLabel } from '../../../ui/queue-label';
import { useUnits } from '../parts/units';
import { kindOf, lasts } from './body';
import styles from './Rules.module.css';
import { placeOf, useRuleWords } from './sentence';

/** The rule's own figures, in one list. */
export function RuleFacts({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation();
  const format = useFormat();
  const units = useUnits();
  const words = useRuleWords();
  const label = useQueueLabel();
  const kind = kindOf(rule.do);
  const to = rule.do.withdraw ?? rule.do.redirect;
  const facts: [string, ReactNode][] = [
    [t('settings.field.id'), <code key="id">{rule.id}</code>],
    [t('settings.field.priority'), rule.priority],
    [t('settings.field.pbx'), rule.pbx || t('settings.form.everyPbx')],
    [t('settings.field.queues'), rule.queues.map(label).join(', ') || '–'],
    [t('settings.field.when'), <Conditions key="when" rule={rule} />],
    [t('settings.field.do'), t(`settings.action.${kind}`)],
  ];
  if (kind === 'withdraw')
    facts.push([t('settings.field.how'), t(`settings.value.how_${rule.how}`)]);
  if (to != null) {
    facts.push(
      [t('settings.rule.place'), <code key="place">{placeOf(to)}</code>],
      [t('settings.rule.cap'), t('settings.rule.capText', { count: rule.at_most, per: rule.per })],
      [t('settings.field.hops'), rule.hops],
      [
        t('settings.field.only_if_better'),
        t(rule.only_if_better ? 'settings.form.yes' : 'settings.form.no'),
      ],
    );
  }
  facts.push(
    [
      t(lasts(kind) ? 'settings.rule.minimum' : 'settings.field.cool_down'),
      units.seconds(rule.cool_down),
    ],
    [t('settings.field.active'), words.hours(rule.active) || t('settings.rule.alwaysActive')],
    [
      t('settings.rule.changed'),
      `${format.dateTime(Date.parse(rule.updated_at))} · ${rule.updated_by}`,
    ],
  );
  return (
    <Card title={t('settings.rule.facts')}>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Conditions({ rule }: { rule: RuleOut }) {
  const words = useRuleWords();
  if (rule.when.length === 0) return '–';
  return (
    <ul>
      {rule.when.map((condition) => {
        const text = words.condition(condition);
        return <li key={text}>{text}</li>;
      })}
    </ul>
  );
}
