/** The words of this page, which come with it. */
import { addTexts } from '../../i18n/add';
import en from '../../i18n/en/personal.json';
import fr from '../../i18n/fr/personal.json';

addTexts(en, fr);
