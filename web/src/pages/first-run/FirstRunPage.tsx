import { useTranslation } from 'react-i18next';

export default function FirstRunPage() {
  const { t } = useTranslation();
  return (
    <main id="content">
      <h1>{t('app.name')}</h1>
    </main>
  );
}
