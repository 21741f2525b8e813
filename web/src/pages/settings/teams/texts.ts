/** The words of this section, which come with it. */
import { addTexts } from '../../../i18n/add';
import en from '../../../i18n/en/teams.json';
import fr from '../../../i18n/fr/teams.json';

addTexts(en, fr);
