/// The words that the built-in recogniser knows.
enum EntityLists {
  private static func words(_ text: String) -> Set<String> {
    Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
  }

  static let months = words(
    """
    January February March April May June July August September October November December
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
    """
  )

  static let weekdays = words(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thur Thurs Fri"
  )

  /// `one` and `second` are left out: they are pronouns and adverbs more often than numbers.
  static let numbers = words(
    """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    thousand hundreds thousands millions billions dozens first third fourth fifth sixth seventh
    eighth ninth tenth
    """
  )

  static let magnitudes = words("hundred thousand million billion trillion bn m % percent per-cent")

  /// Words that stand before a name and are no part of it.
  static let titles = words("Mr Mrs Ms Dr Prof Sir Dame Rev Hon St Sen Rep Gov Gen Lt Col Capt Sgt")

  /// Small words inside of names.
  static let connectors = words("of de van von der den la le du da di del al el bin ibn &")

  /// Words that begin sentences, or are written large for other reasons than being names.
  static let common = words(
    """
    a about above according accordingly across after again against all almost along already also
    although always amid amidst among an and another any anyone as aside at based be because been
    before behind being below beside besides between beyond both but by can children considering could
    currently day days despite did do does done due during each earlier early either else especially
    even eventually ever every everyone everything example except experts few finally first following
    for former fortunately from further furthermore given had half has have having he hence her here
    his historically how however i i'd i'll i'm i've if ii iii importantly in indeed initially
    instead into is it its itself just last lastly late later latest least less let like likewise
    many may maybe meanwhile men might more moreover most much must my nearly neither never nevertheless
    new next no nobody none nonetheless nor not notably nothing notwithstanding now of off officials
    often on once one only onto or other others otherwise our ours out over overall own part people
    perhaps please police previously probably prior quite rather recent recently regarding researchers
    same scientists second secondly several shall she should similarly since so some somebody someone
    something sometimes soon specifically still subsequently such summary surprisingly than thank
    thanks that the their them themselves then there thereafter therefore these they third thirdly
    this those though through throughout thus to today together tomorrow tonight too towards typically
    ultimately under unfortunately unless unlike until up upon us usually various very was we well
    were what whatever when whenever where whereas whether which while who whoever whole whom whose
    why will with within without women would yes yesterday yet you your yours
    """
  )

  /// Countries, continents, and cities that a sentence may begin with.
  static let places = words(
    """
    Afghanistan Africa Alabama Alaska Albania Algeria America Amsterdam Ankara Antarctica Arabia
    Argentina Arizona Arkansas Asia Athens Atlanta Australia Austria Azerbaijan Baghdad Bangkok
    Bangladesh Barcelona Beijing Beirut Belarus Belfast Belgium Berlin Birmingham Bolivia Bosnia
    Boston Brazil Bristol Britain Brussels Budapest Bulgaria Cairo California Cambodia Cambridge
    Cameroon Canada Cardiff Chicago Chile China Colombia Colorado Connecticut Copenhagen Croatia Cuba
    Cyprus Dallas Damascus Delaware Delhi Denmark Denver Detroit Dubai Dublin Ecuador Edinburgh Egypt
    England Estonia Ethiopia Europe Finland Florida France Gaza Geneva Georgia Germany Ghana Glasgow
    Greece Greenland Guatemala Haiti Hawaii Honduras Houston Hungary Iceland Idaho Illinois India
    Indiana Indonesia Iowa Iran Iraq Ireland Islamabad Israel Istanbul Italy Jakarta Jamaica Japan
    Jerusalem Jordan Kabul Kansas Kazakhstan Kentucky Kenya Kiev Korea Kosovo Kuwait Kyiv Laos Latvia
    Lebanon Leeds Liberia Libya Lisbon Lithuania Liverpool London Louisiana Luxembourg Lyon Madagascar
    Madrid Maine Malaysia Mali Malta Manchester Maryland Massachusetts Melbourne Mexico Miami Michigan
    Milan Minnesota Mississippi Missouri Moldova Mongolia Montana Montreal Morocco Moscow Mozambique
    Mumbai Munich Myanmar Nairobi Namibia Naples Nebraska Nepal Netherlands Nevada Nicaragua Niger
    Nigeria Norway Ohio Oklahoma Oregon Oslo Ottawa Oxford Pakistan Palestine Panama Paraguay Paris
    Pennsylvania Peru Philadelphia Philippines Phoenix Poland Portugal Prague Qatar Rome Romania Russia
    Rwanda Scotland Seattle Senegal Seoul Serbia Shanghai Singapore Slovakia Slovenia Somalia Spain
    Stockholm Sudan Sweden Switzerland Sydney Syria Taiwan Tanzania Tehran Tennessee Texas Thailand
    Tibet Tokyo Toronto Tunisia Turkey Uganda Ukraine Uruguay Utah Venezuela Vermont Vienna Vietnam
    Virginia Wales Warsaw Washington Wisconsin Wyoming Yemen Zambia Zimbabwe Zurich
    """
  )

  /// First names that a sentence may begin with.
  static let people = words(
    """
    Aaron Adam Ahmed Alan Albert Alex Alexander Alice Amanda Amy Andrea Andrew Angela Ann Anna Anne
    Anthony Arthur Barack Barbara Ben Benjamin Betty Brian Carl Carlos Carol Catherine Charles Charlotte
    Chris Christina Christine Christopher Daniel David Deborah Dennis Diana Donald Donna Dorothy Douglas
    Edward Elizabeth Emily Emma Eric Eva Frank Fred Gary George Gordon Grace Graham Greg Hannah Harold
    Harry Heather Helen Henry Hillary Ian Jack Jackie James Jamie Jane Janet Jason Jean Jeff Jennifer
    Jessica Jim Joan Joe John Jonathan Jordan Jose Joseph Joshua Juan Judith Julia Julie Karen Kate
    Katherine Keith Kelly Kenneth Kevin Larry Laura Lauren Lee Leo Linda Lisa Louis Louise Lucy Luis
    Luke Margaret Maria Marie Martin Mary Matthew Megan Melissa Michael Michelle Mike Mohamed Mohammed
    Nancy Nathan Neil Nicholas Nicola Nicole Olivia Oscar Pamela Patricia Patrick Paul Peter Philip
    Rachel Ralph Raymond Rebecca Richard Robert Roger Ronald Rose Roy Ruth Ryan Sam Samantha Samuel
    Sandra Sara Sarah Scott Sean Sharon Simon Sophie Stephanie Stephen Steve Steven Stuart Susan Teresa
    Thomas Tim Timothy Tom Tony Victoria Vincent Virginia Vladimir Walter Wayne William Zoe
    """
  )
}
