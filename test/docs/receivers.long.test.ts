import { languages, testReceivers } from './receivers.ts'

// Some of them are compiled first, with the whole library of their language.
testReceivers(languages.known)
