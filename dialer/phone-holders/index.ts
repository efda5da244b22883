export { phoneHolderTopic, type PhoneHolder, type PhoneHolderNews } from './phone-holder.ts';
export { phoneHolderRoutes } from './phone-holder-routes.ts';
export { PhoneHolderStore } from './phone-holder-store.ts';
