/** Keys for programs, and links for wallboards. */
import { useTranslation } from 'react-i18next';
import { Section } from '../../../ui/form/Section';
import { DevicesCard } from './DevicesCard';
import { TokensCard } from './TokensCard';

export default function TokensSection() {
  const { t } = useTranslation();
  return (
    <Section title={t('settings.nav.tokens')} lead={t('access.tokensLead')}>
      <TokensCard />
      <DevicesCard />
    </Section>
  );
}
