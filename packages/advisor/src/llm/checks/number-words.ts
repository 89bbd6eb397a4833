/** Words of which spoken numbers are made, in the languages a model is most likely to fall into. ASCII: other letters are refused. */
const parts = [
  // English
  'zero nil nought naught one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen',
  'seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred thousand million billion',
  'trillion dozen first second third fifth eighth ninth twelfth twentieth thirtieth fortieth fiftieth sixtieth seventieth',
  'eightieth ninetieth twenties thirties forties fifties sixties seventies eighties nineties',
  // German and Dutch
  'eins zwei drei vier funf fuenf sechs sieben acht neun zehn elf zwolf zwoelf zwanzig dreissig vierzig funfzig fuenfzig sechzig',
  'siebzig achtzig neunzig hundert tausend millionen een twee drie vijf zes zeven negen tien twaalf twintig dertig veertig vijftig',
  'zestig zeventig tachtig negentig honderd duizend miljoen',
  // French, Spanish, Italian, Portuguese
  'deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze vingt trente quarante cinquante soixante mille',
  'uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince veinte treinta cuarenta cincuenta sesenta',
  'setenta ochenta noventa cien ciento mil tre quattro cinque sei sette otto nove dieci undici dodici venti trenta quaranta',
  'cinquanta sessanta settanta ottanta novanta cento mila dois quatro oito dez doze vinte trinta quarenta cinquenta cem',
  // Polish, Russian and Scandinavian, as written without marks
  'jeden dwa trzy cztery piec szesc siedem osiem dziesiec sto tysiac odin dva tri chetyre pyat shest sem vosem devyat desyat',
  'tysyacha tva fyra fem sju atta nio tio tjugo tretti tjue hundra tusen',
].flatMap((line) => line.split(' '))

/** English words that read like one of the parts and are none, or are too common to be refused for it. */
const innocent = new Set(['once', 'sem', 'sto', 'tri', 'mil'])

const spoken = new RegExp(
  `^(?:(?:${[...new Set(parts)].sort((a, b) => b.length - a.length).join('|')})(?:and|und|point|dot|comma)?)+(?:s|es|th|ths|fold|ish)?$`,
)

/** Measures and currencies, and words that multiply or divide. */
const measures = new Set(
  [
    'half halves halved halving quarter quarters double doubles doubled doubling triple triples tripled tripling treble quadruple',
    'quadrupled quintuple twice thrice couple pair minus plus percent percentage percentages percentile percentiles pct procent',
    'prozent pourcent bps pip pips cent cents dollar dollars buck bucks euro euros pound pounds yen yuan rupee rupees franc francs',
    'usd usdt usdc eur gbp jpy chf mio mln bln bn',
  ].flatMap((line) => line.split(' ')),
)

/** Pieces that give a number away inside of any word: what was written without blanks is still read by people. */
const telltale = new RegExp(
  [
    'zero three four five six seven eleven twelve thirteen fifteen eighteen twent(?:y|ie) thirt(?:y|ie) fort(?:y|ie) fift(?:y|ie)',
    '(?<!w)eight(?:y|ie) ninet(?:y|ie|ee) hundred thousand million billion trillion dozen quarter double triple quadruple percent',
    'dollar basispoint',
  ]
    .join(' ')
    .split(' ')
    .join('|'),
)

const roman = /^(?=[IVXLCDM]{2,}$)M*(?:C[MD]|D?C*)(?:X[CL]|L?X*)(?:I[XV]|V?I*)$/

/** Whether a text without placeholders speaks of a number, in digits of any script or in words. */
export function speaksNumbers(text: string): boolean {
  if (/\p{N}/u.test(text) || /[%‰$€£¥]/.test(text) || /\bbasis[\s-]+points?\b/i.test(text)) return true
  if (/\bper[\s-]cent\b/i.test(text)) return true
  return (text.match(/[A-Za-z]+/g) ?? []).some((word) => {
    const lower = word.toLowerCase()
    if (roman.test(word) || measures.has(lower) || telltale.test(lower)) return true
    if (/^half|half$/.test(lower) && lower !== 'behalf') return true
    return spoken.test(lower) && !innocent.has(lower)
  })
}
