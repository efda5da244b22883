export { line, plainLine, plainText, plainTexts } from './plain-text.ts';
