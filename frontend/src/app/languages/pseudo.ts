import { english, type Strings } from '../strings';
import { disguise } from './disguise';

const pseudo: Strings = disguise(english);

export default pseudo;
