import {
  IconAlertTriangleFilled,
  IconPlugConnected,
  IconPlugConnectedX,
  IconRefresh,
  type TablerIcon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { LinkState, LivePbx } from '../../../api/types';
import { Badge, type Tone } from '../../../ui/form/Section';

const LOOK: Record<LinkState, { tone: Tone; Icon: TablerIcon }> = {
  connecting: { tone: 'risk', Icon: IconRefresh },
  resyncing: { tone: 'risk', Icon: IconRefresh },
  connected: { tone: 'calm', Icon: IconPlugConnected },
  lost: { tone: 'breach', Icon: IconPlugConnectedX },
  refused: { tone: 'breach', Icon: IconPlugConnectedX },
};

/** How a link does: a colour, a shape and a word. */
export function LinkBadge({ link }: { link: LivePbx | undefined }) {
  const { t } = useTranslation();
  if (link === undefined) return <Badge>{t('settings.pbxs.noLink')}</Badge>;
  const { tone, Icon } = LOOK[link.state];
  const warnings = Object.keys(link.warnings).length;
  return (
    <>
      <Badge tone={tone} icon={<Icon size="1em" aria-hidden />}>
        {t(`link.${link.state}`)}
      </Badge>
      {warnings > 0 && (
        <Badge tone="risk" icon={<IconAlertTriangleFilled size="1em" aria-hidden />}>
          {t('link.warnings', { count: warnings })}
        </Badge>
      )}
    </>
  );
}
