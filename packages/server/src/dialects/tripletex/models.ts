/**
 * The entities of the payload models, in a notation that `entity-model.ts` reads:
 *
 *   name     text          name:Model    another entity
 *   name#    number        name:[Model]  several of them
 *   name?    boolean       name:{Model}  a part of the entity itself
 *   name@    date          name:[]       list of texts
 *
 * The names are those of the vendor's published API description.
 */
const entity = 'id# version# changes:[{Change}] url'
const address = 'employee:Employee addressLine1 addressLine2 postalCode city country:Country displayName'
const amounts = 'amount# amountCurrency# amountExcludingVat# amountExcludingVatCurrency#'

export const tripletexModels: Readonly<Record<string, string>> = {
  Account: `${entity} number# name description type ledgerType legalVatTypes:[VatType] vatType:VatType vatLocked?
    currency:Currency isCloseable? isApplicableForSupplierInvoice? requireReconciliation? isInactive? isBankAccount?
    isInvoiceAccount? bankAccountNumber bankAccountCountry:Country bankName bankAccountIBAN bankAccountSWIFT saftCode
    displayName requiresDepartment? requiresProject? invoicingDepartment:Department isPostingsExist?`,
  Activity: `${entity} name number description activityType isProjectActivity? isGeneral? isTask? isDisabled?
    isChargeable? rate# costPercentage# displayName`,
  Address: `${entity} ${address}`,
  Change: 'employeeId# timestamp@ changeType',
  CloseGroup: `${entity} date@ postings:[Posting]`,
  Company: `${entity} name displayName startDate@ endDate@ organizationNumber email phoneNumber phoneNumberMobile
    faxNumber address:Address type currency:Currency`,
  Contact: `${entity} firstName lastName displayName email phoneNumberMobileCountry:Country phoneNumberMobile
    phoneNumberWork customer:Customer supplier:Supplier department:Department isInactive?`,
  Country: `${entity} name displayName isoAlpha2Code isoAlpha3Code isoNumericCode`,
  Currency: `${entity} code description factor# displayName isDisabled?`,
  Customer: `${entity} name organizationNumber globalLocationNumber# supplierNumber# customerNumber# isSupplier?
    isCustomer? isInactive? accountManager:Employee department:Department email invoiceEmail overdueNoticeEmail
    bankAccounts:[] phoneNumber phoneNumberMobile description language displayName isPrivateIndividual?
    singleCustomerInvoice? invoiceSendMethod emailAttachmentType postalAddress:Address physicalAddress:Address
    deliveryAddress:DeliveryAddress category1:CustomerCategory category2:CustomerCategory
    category3:CustomerCategory invoicesDueIn# invoicesDueInType currency:Currency
    bankAccountPresentation:[{CompanyBankAccountPresentation}] ledgerAccount:Account isFactoring?
    invoiceSendSMSNotification? invoiceSMSNotificationNumber isAutomaticSoftReminderEnabled?
    isAutomaticReminderEnabled? isAutomaticNoticeOfDebtCollectionEnabled? discountPercentage# website`,
  CustomerCategory: `${entity} name number description type# displayName`,
  CompanyBankAccountPresentation: 'iban bban bic country:Country provider#',
  DeliveryAddress: `${entity} name ${address} customerVendor:Customer`,
  Department: `${entity} name departmentNumber departmentManager:Employee displayName isInactive?`,
  DiscountGroup: `${entity} name number nameAndNumber description`,
  Document: `${entity} fileName size# mimeType`,
  DocumentArchive: `${entity} fileName size# archiveDate@ mimeType description`,
  Employee: `${entity} firstName lastName displayName employeeNumber dateOfBirth@ email
    phoneNumberMobileCountry:Country phoneNumberMobile phoneNumberHome phoneNumberWork nationalIdentityNumber
    dnumber internationalId:{InternationalId} bankAccountNumber iban bic creditorBankCountryId#
    usesAbroadPayment? userType allowInformationRegistration? isContact? isProxy? comments address:Address
    department:Department employments:[Employment] holidayAllowanceEarned:{HolidayAllowanceEarned}
    employeeCategory:EmployeeCategory isAuthProjectOverviewURL? pictureId# companyId#`,
  EmployeeCategory: `${entity} name number description displayName`,
  Employment: `${entity} employee:Employee employmentId startDate@ endDate@ employmentEndReason division:Division
    lastSalaryChangeDate@ noEmploymentRelationship? isMainEmployer? taxDeductionCode
    employmentDetails:[EmploymentDetails]`,
  EmploymentDetails: `${entity} employment:Employment date@ employmentType remunerationType workingHoursScheme
    shiftDurationHours# percentageOfFullTimeEquivalent# annualSalary# hourlyWage# payrollTaxMunicipalityId#`,
  Division: `${entity} name startDate@ endDate@ organizationNumber`,
  HolidayAllowanceEarned: 'year# amount# basis# amountExtraHolidayWeek#',
  InternationalId: 'intAmeldingType country:Country number',
  Inventory: `${entity} name number displayName description email phone address:Address isMainInventory? isInactive?`,
  InventoryLocation: `${entity} inventory:Inventory name isInactive?`,
  Invoice: `${entity} invoiceNumber# invoiceDate@ customer:Customer creditedInvoice# isCredited? invoiceDueDate@ kid
    invoiceComment comment orders:[Order] orderLines:[OrderLine] travelReports:[TravelExpense]
    projectInvoiceDetails:[ProjectInvoiceDetails] voucher:Voucher deliveryDate@ ${amounts} amountRoundoff#
    amountRoundoffCurrency# amountOutstanding# amountCurrencyOutstanding# amountOutstandingTotal#
    amountCurrencyOutstandingTotal# sumRemits# currency:Currency isCreditNote? isCharged? isApproved?
    postings:[Posting] reminders:[Reminder] invoiceRemarks invoiceRemark:InvoiceRemark paymentTypeId# paidAmount#
    isPeriodizationPossible? documentId# ehfSendStatus`,
  InvoiceRemark: `${entity} remark`,
  Order: `${entity} customer:Customer contact:Contact attn:Contact displayName receiverEmail overdueNoticeEmail number
    reference ourContact:Contact ourContactEmployee:Employee department:Department orderDate@ project:Project
    invoiceComment internalComment currency:Currency invoicesDueIn# invoicesDueInType status
    isShowOpenPostsOnInvoices? isClosed? deliveryDate@ deliveryAddress:DeliveryAddress deliveryComment
    isPrioritizeAmountsIncludingVat? orderLineSorting orderGroups:[OrderGroup] orderLines:[OrderLine]
    isSubscription? subscriptionDuration# subscriptionDurationType subscriptionPeriodsOnInvoice#
    subscriptionPeriodsOnInvoiceType subscriptionInvoicingTimeInAdvanceOrArrears subscriptionInvoicingTime#
    subscriptionInvoicingTimeType isSubscriptionAutoInvoicing? preliminaryInvoice:Invoice attachment:[Document]
    sendMethodDescription canCreateBackorder? invoiceOnAccountVatHigh?
    totalInvoicedOnAccountAmountAbsoluteCurrency# invoiceSendSMSNotification? invoiceSMSNotificationNumber
    markUpOrderLines# discountPercentage# customerName projectManagerNameAndNumber`,
  OrderGroup: `${entity} order:Order title comment sortIndex# orderLines:[OrderLine]`,
  OrderLine: `${entity} product:Product inventory:Inventory inventoryLocation:InventoryLocation description displayName
    count# unitCostCurrency# unitPriceExcludingVatCurrency# unitPriceIncludingVatCurrency# currency:Currency markup#
    discount# vatType:VatType amountExcludingVatCurrency# amountIncludingVatCurrency# vendor:Supplier order:Order
    isSubscription? subscriptionPeriodStart@ subscriptionPeriodEnd@ orderGroup:OrderGroup sortIndex# isPicked?
    pickedDate@ orderedQuantity# isCharged?`,
  Posting: `${entity} voucher:Voucher date@ description account:Account amortizationAccount:Account
    amortizationStartDate@ amortizationEndDate@ customer:Customer supplier:Supplier employee:Employee
    project:Project product:Product department:Department vatType:VatType amount# amountCurrency# amountGross#
    amountGrossCurrency# currency:Currency closeGroup:CloseGroup invoiceNumber termOfPayment@ row# type externalRef
    systemGenerated? taxTransactionType taxTransactionTypeId# matched?`,
  Product: `${entity} name number displayNumber description orderLineDescription ean elNumber nrfNumber
    costExcludingVatCurrency# expenses# expensesInPercent# costPrice# profit# profitInPercent#
    priceExcludingVatCurrency# priceIncludingVatCurrency# isInactive? discountGroup:DiscountGroup
    productUnit:ProductUnit isStockItem? stockOfGoods# availableStock# incomingStock# outgoingStock#
    vatType:VatType currency:Currency department:Department account:Account discountPrice# supplier:Supplier
    resaleProduct:Product isDeletable? hasSupplierProductConnected? weight# weightUnit volume# volumeUnit hsnCode
    image:Document mainSupplierProduct:SupplierProduct minStockLevel# markupListPercentage# markupNetPercentage#
    displayName isRoundPriceIncVat?`,
  ProductUnit: `${entity} name nameShort commonCode displayName displayNameShort isDeletable?`,
  Project: `${entity} name number displayName description projectManager:Employee department:Department
    mainProject:Project startDate@ endDate@ customer:Customer isClosed? isReadyForInvoicing? isInternal? isOffer?
    isFixedPrice? projectCategory:ProjectCategory deliveryAddress:DeliveryAddress displayNameFormat reference
    externalAccountsNumber discountPercentage# vatType:VatType fixedprice# contributionMarginPercent#
    numberOfSubProjects# numberOfProjectParticipants# orderLines:[ProjectOrderLine] currency:Currency
    markUpOrderLines# markUpFeesEarned# isPriceCeiling? priceCeilingAmount# projectHourlyRates:[ProjectHourlyRate]
    forParticipantsOnly? participants:[ProjectParticipant] contact:Contact attention:Contact invoiceComment
    invoicingPlan:[Invoice] preliminaryInvoice:Invoice generalProjectActivitiesPerProjectOnly?
    projectActivities:[ProjectActivity] hierarchyNameAndNumber invoiceDueDate# invoiceReceiverEmail accessType
    useProductNetPrice? ignoreCompanyProductDiscountAgreement? hierarchyLevel# boligmappaAddress:Address`,
  ProjectActivity: `${entity} activity:Activity project:Project startDate@ endDate@ isClosed? budgetHours#
    budgetHourlyRateCurrency# budgetFeeCurrency#`,
  ProjectCategory: `${entity} name number description displayName`,
  ProjectHourlyRate: `${entity} project:Project startDate@ showInProjectOrder? hourlyRateModel fixedRate#`,
  ProjectInvoiceDetails: `${entity} project:Project feeAmount# feeAmountCurrency# markupPercent# markupAmount#
    amountOrderLinesAndReinvoicing# amountTravelReportsAndExpenses# feeInvoiceText invoiceText
    includeOrderLinesAndReinvoicing? includeHours? includeOnAccountBalance? onAccountBalanceAmount# vatType:VatType
    invoice:Invoice`,
  ProjectOrderLine: `${entity} product:Product inventory:Inventory description count# unitCostCurrency#
    unitPriceExcludingVatCurrency# currency:Currency markup# discount# vatType:VatType amountExcludingVatCurrency#
    amountIncludingVatCurrency# project:Project date@ isChargeable? invoice:Invoice voucher:Voucher`,
  ProjectParticipant: `${entity} project:Project employee:Employee adminAccess?`,
  Reminder: `${entity} reminderDate@ charge# chargeCurrency# totalCharge# totalAmountCurrency# interests# interestRate#
    termOfPayment@ currency:Currency type comment kid bankAccountNumber`,
  Subscription: 'id# version# url event targetUrl fields status authHeaderName',
  Supplier: `${entity} name organizationNumber supplierNumber# customerNumber# isSupplier? isCustomer? isInactive? email
    bankAccounts:[] invoiceEmail overdueNoticeEmail phoneNumber phoneNumberMobile description isPrivateIndividual?
    showProducts? accountManager:Employee postalAddress:Address physicalAddress:Address
    deliveryAddress:DeliveryAddress category1:CustomerCategory category2:CustomerCategory
    category3:CustomerCategory bankAccountPresentation:[{CompanyBankAccountPresentation}] currency:Currency
    ledgerAccount:Account language isWholesaler? displayName locale website`,
  SupplierProduct: `${entity} name number description ean costExcludingVatCurrency# priceExcludingVatCurrency#
    priceIncludingVatCurrency# isInactive? productUnit:ProductUnit vatType:VatType currency:Currency product:Product
    supplier:Supplier isMainSupplierProduct?`,
  TravelExpense: `${entity} title number# date@ employee:Employee project:Project department:Department amount# state
    isCompleted? isApproved?`,
  VatType: `${entity} name number displayName percentage# deductionPercentage# parentType:VatType`,
  Voucher: `${entity} date@ number# tempNumber# year# description voucherType:VoucherType reverseVoucher:Voucher
    postings:[Posting] document:Document attachment:Document externalVoucherNumber ediDocument:Document
    supplierVoucherType wasAutoMatched? vendorInvoiceNumber displayName`,
  VoucherStatus: `${entity} type status timestamp@ message externalObjectUrl comment reference voucher:Voucher`,
  VoucherType: `${entity} name displayName`,
}
