import { Button } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleDashed, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RuleOut } from '../../../api/types';
import { Confirm } from '../../../ui/form/Confirm';
import { canBeTested, kindOf, type RuleState, stateOf } from './body';
import styles from './Rules.module.css';
import { placeOf, useRuleWords } from './sentence';

const ORDER = ['draft', 'dry_run', 'backtest', 'armed'] as const;
type Step = (typeof ORDER)[number];

const PLACE: Record<RuleState, number> = { draft: 0, dry_run: 1, armed: 3, paused: 3 };

interface Props {
  readonly rule: RuleOut;
  readonly busy: boolean;
  readonly onState: (state: RuleState) => void;
}

/** The safe order, where this rule stands in it, and the way on. */
export function Steps({ rule, busy, onState }: Props) {
  const { t } = useTranslation();
  const [arming, setArming] = useState(false);
  const state = stateOf(rule);
  const here = PLACE[state];
  const testable = canBeTested(kindOf(rule.do));
  const look = (n: number): 'done' | 'here' | 'todo' => {
    if (n === here) return 'here';
    // Nobody knows whether a backtest was looked at; with the rule armed it is past.
    return n < here ? 'done' : 'todo';
  };
  return (
    <div>
      <ol className={styles.steps} aria-label={t('settings.steps.title')}>
        {ORDER.map((step, n) => (
          <li
            key={step}
            className={styles.step}
            data-state={look(n)}
            aria-current={n === here ? 'step' : undefined}
          >
            <span className={styles.stepName}>
              <Mark look={look(n)} />
              {t(`settings.steps.${step}`)}
            </span>
            <span>{t(`settings.stepHelp.${helpOf(step, testable)}`)}</span>
            <Next
              step={step}
              state={state}
              busy={busy}
              onState={onState}
              onArm={() => setArming(true)}
            />
          </li>
        ))}
      </ol>
      <Arm
        rule={rule}
        opened={arming}
        busy={busy}
        onYes={() => {
          setArming(false);
          onState('armed');
        }}
        onClose={() => setArming(false)}
      />
    </div>
  );
}

const helpOf = (step: Step, testable: boolean): Step | 'notTestable' =>
  step === 'backtest' && !testable ? 'notTestable' : step;

function Mark({ look }: { look: 'done' | 'here' | 'todo' }) {
  if (look === 'done') return <IconCircleCheckFilled size="1.1em" aria-hidden />;
  if (look === 'here') return <IconPlayerPlayFilled size="1.1em" aria-hidden />;
  return <IconCircleDashed size="1.1em" aria-hidden />;
}

function Next({
  step,
  state,
  busy,
  onState,
  onArm,
}: {
  step: Step;
  state: RuleState;
  busy: boolean;
  onState: (state: RuleState) => void;
  onArm: () => void;
}) {
  const { t } = useTranslation();
  if (step === 'dry_run' && state === 'draft') {
    return (
      <Button size="xs" loading={busy} onClick={() => onState('dry_run')}>
        {t('settings.steps.begin')}
      </Button>
    );
  }
  if (step === 'armed' && state === 'dry_run') {
    return (
      <Button size="xs" loading={busy} onClick={onArm}>
        {t('settings.steps.arm')}
      </Button>
    );
  }
  if (step === 'armed' && state === 'paused') {
    return (
      <Button size="xs" loading={busy} onClick={onArm}>
        {t('settings.steps.armAgain')}
      </Button>
    );
  }
  return null;
}

/** What will happen on the PBX from now on, said before it does. */
function Arm({
  rule,
  opened,
  busy,
  onYes,
  onClose,
}: {
  rule: RuleOut;
  opened: boolean;
  busy: boolean;
  onYes: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const words = useRuleWords();
  const kind = kindOf(rule.do);
  const to = rule.do.withdraw ?? rule.do.redirect;
  return (
    <Confirm
      opened={opened}
      title={t('settings.arm.title', { name: rule.name || rule.id })}
      yes={t('settings.steps.arm')}
      busy={busy}
      onYes={onYes}
      onClose={onClose}
    >
      <p>{words.rule(rule)}</p>
      <ul className={styles.points}>
        <li>{t(`settings.arm.${kind}`)}</li>
        {to != null && <li>{t('settings.arm.place', { place: placeOf(to) })}</li>}
        {to != null && (
          <li>{t('settings.arm.cap', { count: rule.at_most, per: rule.per, hops: rule.hops })}</li>
        )}
        <li>{t('settings.arm.stop')}</li>
      </ul>
    </Confirm>
  );
}
