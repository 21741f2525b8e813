import {
  IconAlertOctagonFilled,
  IconEye,
  IconHandStop,
  IconPencil,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconShieldCheckFilled,
  type TablerIcon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RuleOut } from '../../../api/types';
import { Badge, type Tone } from '../../../ui/form/Section';
import { type RuleState, stateOf } from './body';

const LOOK: Record<RuleState, { tone: Tone; Icon: TablerIcon }> = {
  draft: { tone: 'neutral', Icon: IconPencil },
  dry_run: { tone: 'risk', Icon: IconEye },
  armed: { tone: 'calm', Icon: IconShieldCheckFilled },
  paused: { tone: 'neutral', Icon: IconPlayerPauseFilled },
};

/** How a rule stands: a colour, a shape and a word; and what people make it do. */
export function StateBadges({ rule }: { rule: RuleOut }) {
  const { t } = useTranslation();
  const state = stateOf(rule);
  const { tone, Icon } = LOOK[state];
  return (
    <>
      <Badge tone={tone} icon={<Icon size="1em" aria-hidden />}>
        {t(`settings.state.${state}`)}
      </Badge>
      {rule.forced === true && (
        <Badge tone="risk" icon={<IconPlayerPlayFilled size="1em" aria-hidden />}>
          {t('settings.rule.forcedOn', { by: rule.forced_by })}
        </Badge>
      )}
      {rule.forced === false && (
        <Badge tone="risk" icon={<IconHandStop size="1em" aria-hidden />}>
          {t('settings.rule.forcedOff', { by: rule.forced_by })}
        </Badge>
      )}
      {rule.problem !== '' && (
        <Badge tone="breach" icon={<IconAlertOctagonFilled size="1em" aria-hidden />}>
          {t('settings.rule.problem')}
        </Badge>
      )}
    </>
  );
}
