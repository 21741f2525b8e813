/** The words of these pages, which come with them. */
import { addTexts } from '../../i18n/add';
import en from '../../i18n/en/contacts.json';
import fr from '../../i18n/fr/contacts.json';

addTexts(en, fr);
