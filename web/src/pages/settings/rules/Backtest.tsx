import { Button, Loader } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RuleOut, Simulation } from '../../../api/types';
import { useFormat } from '../../../format/use-format';
import { i18next } from '../../../i18n';
import type en from '../../../i18n/en';
import { ChoiceField } from '../../../ui/form/fields';
import { Callout, Card } from '../../../ui/form/Section';
import { useProblemText } from '../errors';
import { simulate } from '../queries';
import { BacktestCalls } from './BacktestCalls';
import { toBody, toForm } from './body';
import styles from './Rules.module.css';

const DAYS = ['1', '3', '7', '30'] as const;
const DAY_MS = 86_400_000;
const CALLS = 300;

/** Runs the recorded calls again with this rule in force, and shows what would have come of it. */
export function Backtest({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation();
  const problem = useProblemText();
  const [days, setDays] = useState<(typeof DAYS)[number]>('7');
  const run = useMutation({
    mutationFn: () => {
      const to = new Date();
      const from = new Date(to.getTime() - Number(days) * DAY_MS);
      return simulate(toBody(toForm(rule)), from, to, CALLS);
    },
  });
  return (
    <Card title={t('settings.backtest.title')} lead={t('settings.backtest.lead')}>
      <div className={styles.row}>
        <ChoiceField
          label={t('settings.backtest.range')}
          value={days}
          choices={DAYS.map((value) => ({
            value,
            label: t('settings.backtest.days', { count: Number(value) }),
          }))}
          onChange={setDays}
        />
        <Button variant="default" loading={run.isPending} onClick={() => run.mutate()}>
          {t('settings.backtest.run')}
        </Button>
      </div>
      <div role="status">
        {run.isPending && (
          <p className={styles.notes}>
            <span>
              <Loader size="xs" /> {t('settings.backtest.running')}
            </span>
          </p>
        )}
        {run.isError && <Callout tone="risk" title={problem(run.error)} />}
        {run.isSuccess && <Result found={run.data} />}
      </div>
    </Card>
  );
}

type Unknown = keyof (typeof en)['settings']['notConsidered'];
type Held = keyof (typeof en)['settings']['heldBack'];
const isUnknown = (code: string): code is Unknown =>
  i18next.exists(`settings.notConsidered.${code}`);
const isHeld = (code: string): code is Held => i18next.exists(`settings.heldBack.${code}`);

function Result({ found }: { found: Simulation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { recorded, estimated } = found.verdicts;
  const rate = (counts: typeof recorded) => {
    const decided = counts.met + counts.breached;
    return decided === 0 ? '–' : format.percent(counts.met / decided);
  };
  return (
    <>
      <div className={styles.results}>
        <Figure value={found.moved} text={t('settings.backtest.moved')} />
        <Figure value={found.breaches_avoided} text={t('settings.backtest.avoided')} tone="good" />
        <Figure
          value={found.breaches_caused}
          text={t('settings.backtest.caused')}
          tone={found.breaches_caused > 0 ? 'bad' : undefined}
        />
        <Figure value={found.unknown} text={t('settings.backtest.unknown')} />
        <div className={`${styles.result} ${styles.wide}`}>
          <strong>
            {rate(recorded)} → {rate(estimated)}
          </strong>
          <span>{t('settings.backtest.rate')}</span>
        </div>
      </div>
      <p className={styles.why}>
        {t('settings.backtest.calls', {
          count: found.calls,
          number: format.integer(found.calls),
          took: format.seconds(found.took_s),
        })}
      </p>
      <BacktestCalls found={found} />
      <ul className={styles.notes}>
        {found.held_back.map(({ because, words, callers }) => (
          <li key={because}>
            {t('settings.backtest.held', {
              count: callers,
              why: isHeld(because) ? t(`settings.heldBack.${because}`) : words,
            })}
          </li>
        ))}
        {found.not_considered.map(({ code, words }) => (
          <li key={code}>{isUnknown(code) ? t(`settings.notConsidered.${code}`) : words}</li>
        ))}
      </ul>
    </>
  );
}

function Figure({
  value,
  text,
  tone,
}: {
  value: number;
  text: string;
  tone?: 'good' | 'bad' | undefined;
}) {
  const format = useFormat();
  return (
    <div className={styles.result} data-tone={tone}>
      <strong>{format.integer(value)}</strong>
      <span>{text}</span>
    </div>
  );
}
