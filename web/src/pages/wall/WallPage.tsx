import { useTranslation } from 'react-i18next';

export default function WallPage() {
  const { t } = useTranslation();
  return (
    <main id="content">
      <h1>{t('app.live')}</h1>
    </main>
  );
}
